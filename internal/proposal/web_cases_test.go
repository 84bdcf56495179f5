package proposal_test

import (
	"bytes"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/gitsm/gitsm/internal/git"
)

// web adds a commit that says a forge of one's own made it for alice, with a key
// that main has for it or does not.
func (c *hubCase) web(known bool) {
	c.Helper()
	config := &packet.Config{Time: c.h.clock.read, Algorithm: packet.PubKeyAlgoEdDSA}
	key, err := openpgp.NewEntity("web", "", "noreply@ghe.example.org", config)
	if err != nil {
		c.Fatal(err)
	}
	if known {
		var block bytes.Buffer
		w, err := armor.Encode(&block, openpgp.PublicKeyType, nil)
		if err == nil {
			err = key.Serialize(w)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			c.Fatal(err)
		}
		const indent = "\n      "
		c.main(map[string]string{"gitsm.yaml": c.h.on("main", "gitsm.yaml") + "\nforge_keys:\n  - forge: GHE\n    key: |" + indent +
			strings.ReplaceAll(strings.TrimSpace(block.String()), "\n", indent) + "\n"})
	}
	old := c.h.server.Pulls()[c.n-1].HeadOID
	committer := git.Signature{Name: "GitHub Enterprise", Email: "noreply@ghe.example.org", When: c.h.clock.read()}
	id, err := c.h.repo().WriteCommit(c.Context(), git.CommitSpec{Base: old, Parents: []git.OID{old}, Message: "Edit notes\n", Author: c.h.by("alice"), Committer: committer,
		Files: []git.FileEdit{{Path: "README.md", Content: []byte("more notes\n")}},
		Sign: func(payload []byte) ([]byte, error) {
			var sig bytes.Buffer
			err := openpgp.ArmoredDetachSign(&sig, []*openpgp.Entity{key}, bytes.NewReader(payload), &openpgp.SignParams{Config: config})
			return sig.Bytes(), err
		}})
	if err != nil {
		c.Fatal(err)
	}
	c.h.server.PushAs("alice")
	c.h.move(c.h.repo(), "refs/heads/"+c.branch(), old, id)
}
