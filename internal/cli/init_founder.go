package cli

import (
	"context"
	"fmt"
	"path"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/store"
)

// founder is who begins the store.
type founder struct {
	git.Signature
	signer proposal.Signer // nil without a key
	key    string          // its public half, as in a .pub file
}

// isAddress is what the schema of a person takes for an address.
var isAddress = lazyregexp.New(`^[^\s@<>]+@[^\s@<>]+$`)

// founder asks git who the user is and what they sign with.
func (env *Env) founder(ctx context.Context) (*founder, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	f := &founder{}
	if f.When, err = env.at(); err != nil {
		return nil, err
	}
	if f.Name, f.Email, err = repo.Identity(ctx); err != nil {
		return nil, &Error{Msg: err.Error(), Code: ExitUsage, Hints: []string{"git config --global user.name 'Your Name'", "git config --global user.email you@example.org"}}
	}
	if !isAddress.MatchString(f.Email) {
		return nil, usage("git says that your address is %q, which is none", f.Email).hint("git config --global user.email you@example.org")
	}
	if f.signer, err = env.signer(ctx, repo); err != nil {
		return nil, err
	}
	if s, ok := f.signer.(sshsig.Signer); ok {
		f.key = sshsig.Authorized(s.PublicKey())
	}
	return f, nil
}

// begin writes the store's first commit, and the one that evidence begins
// with, and moves both branches at once; the work tree follows.
func (f *founder) begin(ctx context.Context, repo proposal.Writer, s *site, steps []scaffold.Step) (git.OID, error) {
	genesis := git.CommitSpec{Base: s.head, Author: f.Signature, Committer: f.Signature, Message: genesisMessage(s)}
	if s.head != "" {
		genesis.Parents = []git.OID{s.head}
	}
	for _, st := range steps {
		if !st.Keep {
			genesis.Files = append(genesis.Files, git.FileEdit{Path: st.Path, Content: st.Content})
		}
	}
	if f.signer != nil {
		genesis.Sign = func(payload []byte) ([]byte, error) { return f.signer.Sign(ctx, evidence.CommitNamespace, payload) }
	}
	id, err := repo.WriteCommit(ctx, genesis)
	if err != nil {
		return "", err
	}
	root := evidence.Root(id)
	by := git.Signature{Name: root.By.Name, Email: root.By.Email, When: root.By.When}
	first := git.CommitSpec{Message: root.Message, Author: by, Committer: by}
	for name, content := range root.Files {
		first.Files = append(first.Files, git.FileEdit{Path: name, Content: content})
	}
	ledger, err := repo.WriteCommit(ctx, first)
	if err != nil {
		return "", err
	}
	return id, repo.UpdateRefs(ctx, "gitsm init", []git.RefUpdate{{Name: headRef(s.branch), Old: s.head, New: id}, {Name: headRef(evidence.Branch), New: ledger}})
}

func genesisMessage(s *site) string {
	return fmt.Sprintf("Begin a gitsm store\n\n%s and what stands beside it are in force from here on.\nWhat comes after is proposed, decided, and recorded on\n%s.\n", path.Join(s.dir, store.ConfigFile), evidence.Branch)
}

func headRef(branch string) string { return "refs/heads/" + branch }
