package audit_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/history"
)

// memory keeps a log, or nothing where it is full.
type memory struct {
	data []byte
	full bool
}

func (m *memory) Load() []byte { return m.data }
func (m *memory) Save(data []byte) {
	if !m.full {
		m.data = data
	}
}

// counting counts the histories that were read from their beginning.
type counting struct {
	*gitrepo.Repo
	whole int
}

func (c *counting) Log(ctx context.Context, opts git.LogOptions) iter.Seq2[*git.LogEntry, error] {
	if len(opts.Not) == 0 {
		c.whole++
	}
	return c.Repo.Log(ctx, opts)
}

// place sets the branches to where they once stood.
func (s *scene) place(main, evidence git.OID) {
	s.Helper()
	s.git("update-ref", mainRef, main)
	s.git("update-ref", evidenceRef, evidence)
}

func (s *scene) log(kept audit.Keeper, f history.Filter) (events []history.Event, whole int) {
	s.Helper()
	a := s.auditor()
	r := &counting{Repo: s.repo}
	a.Repo, a.Kept, a.KeepAfter = r, kept, 1
	events, err := a.Log(s.ctx, f)
	s.must(err)
	return events, r.whole
}

// ancestors are the commits of a branch's own line, oldest first.
func (s *scene) ancestors(ref string) []git.OID {
	return strings.Fields(s.git("rev-list", "--first-parent", "--reverse", ref))
}

// Whatever was kept, of whichever moment, a log that goes on from it is the log.
func TestLogGoesOn(t *testing.T) {
	s := healthy(t)
	service := s.file(mainRef, "services/search.yaml")
	s.push("alice", map[string]string{"services/search.yaml": strings.Replace(service, "tier: 4", "tier: 3", 1)})
	s.push("alice", map[string]string{"services/search.yaml": service}) // as it was
	open := s.propose(s.as("alice"), "change", "", s.change(nil))
	s.approve(s.as("bob"), open)
	other := s.propose(s.as("alice"), "change", "", s.change(nil))
	s.approve(s.as("bob"), other)
	s.merge(s.as("alice"), other) // commits to what is said of the open one
	s.approve(s.as("dave"), open)
	s.push("alice", map[string]string{"services/search.yaml": strings.Replace(service, "tier: 4", "tier: 2", 1)})
	s.merge(s.as("alice"), open)
	s.approve(s.as("bob"), s.propose(s.as("alice"), "change", "", s.change(nil)))
	line, grown := s.ancestors(mainRef), s.ancestors(evidenceRef)
	states := statesOf(s, line, grown)
	read, all := 0, 0
	for i, from := range states {
		kept := &memory{}
		s.place(from[0], from[1])
		s.log(kept, history.Filter{})
		kept.full = true
		for _, to := range [][2]git.OID{from, states[min(i+3, len(states)-1)], states[len(states)-1]} {
			s.place(to[0], to[1])
			want, _ := s.log(nil, history.Filter{})
			got, whole := s.log(kept, history.Filter{})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("kept at %v, read at %v (-whole +gone on):\n%s", from, to, diff)
			}
			if all++; whole > 0 {
				read++
			}
		}
	}
	if all < 60 || read > all/4 {
		t.Errorf("%d of %d logs were read from the beginning", read, all)
	}
}

// A log that is kept again and again, a little longer each time, stays the log.
func TestLogIsKeptOnTopOfAnother(t *testing.T) {
	s := healthy(t)
	extended := 0
	kept := &memory{}
	for _, state := range statesOf(s, s.ancestors(mainRef), s.ancestors(evidenceRef)) {
		s.place(state[0], state[1])
		before := len(kept.data)
		got, whole := s.log(kept, history.Filter{})
		if want, _ := s.log(nil, history.Filter{}); !cmp.Equal(want, got) {
			t.Fatalf("at %v (-whole +kept):\n%s", state, cmp.Diff(want, got))
		}
		if whole == 0 && len(kept.data) > before {
			extended++
		}
	}
	if extended < 10 {
		t.Errorf("%d logs were kept on top of another", extended)
	}
}

// statesOf are moments at which the branches may have been seen: every commit of
// main with the evidence that it names, and with what came soon after.
func statesOf(s *scene, line, grown []git.OID) [][2]git.OID {
	var out [][2]git.OID
	at := 0
	for _, main := range line {
		message := s.git("log", "-1", "--format=%B", main)
		for i, e := range grown {
			if history.Trailer(message, "Evidence-Head") == e {
				at = i
			}
		}
		for _, e := range grown[min(at+1, len(grown)-1):min(at+3, len(grown))] {
			out = append(out, [2]git.OID{main, e})
		}
	}
	return append(out, [2]git.OID{line[len(line)-1], grown[len(grown)-1]})
}

// The past is what was there: main at a commit, and what its next landing knew.
func TestLogAsItStood(t *testing.T) {
	s := healthy(t)
	line, evidence := s.ancestors(mainRef), s.ref(evidenceRef)
	head, asked := line[len(line)-1], 0
	for i, at := range line[:len(line)-1] {
		known := history.Trailer(s.git("log", "-1", "--format=%B", line[i+1]), history.EvidenceHead)
		if known == "" {
			continue
		}
		s.place(head, evidence)
		a := s.auditor()
		a.At = at
		got, err := a.Log(s.ctx, history.Filter{})
		s.must(err)
		s.place(at, known)
		if want, _ := s.log(nil, history.Filter{}); !cmp.Equal(want, got) {
			t.Errorf("at %s (-then +now):\n%s", at, cmp.Diff(want, got))
		}
		asked++
	}
	if asked < 8 {
		t.Errorf("%d moments were looked at", asked)
	}
	s.place(head, evidence)
	a := s.auditor()
	a.At = evidence
	if _, err := a.Log(s.ctx, history.Filter{}); err == nil {
		t.Error("a commit that main never had was taken for its past")
	}
}
