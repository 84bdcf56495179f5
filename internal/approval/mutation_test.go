package approval_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutation takes one check out of the gate.
type mutation struct{ file, old, with string }

// mutations are the gate's checks, each as what takes it out.
func mutations(t *testing.T, root string) []mutation {
	const checks, hear, hands = "internal/approval/checks.go", "internal/decision/hear.go", "internal/decision/hands.go"
	out := []mutation{
		{"internal/approval/evaluate.go", "	j.objections()\n", ""},
		{"internal/approval/evaluate.go", "	j.blockers = append(j.blockers, j.unknownContributors()...)\n", ""},
		{"internal/approval/evaluate.go", "	j.blockers = append(j.blockers, j.unknownParties()...)\n", ""},
		{"internal/approval/evaluate.go", "	j.blockers = append(j.blockers, j.Doubts...)\n", ""},
		{"internal/approval/evaluate.go", "	if why := botReview(j, r); why != \"\" {\n		return why\n	}\n", ""},
		{"internal/approval/reviews.go", "r.State == Dismissed\n}", "false\n}"},
		{"internal/approval/people.go", "a != \"\" && b != \"\" && j.human(a) == j.human(b)", "a != \"\" && b != \"\" && false"},
		{hear, "	f.opener(dir, h.Said.Pull.Author)\n", ""},
		{hear, "	f.pushers(dir, h)\n", ""},
		{hear, "&& h.Brought(p)", "&& false"},
		{hear, "if why := h.Said.NoPushes; why != \"\" {", "if why := h.Said.NoPushes; false {"},
		{hear, "h.Until.IsZero() || !r.At.After(h.Until)", "true"},
		{hear, "	w.AuthorIs, _ = dir.ByAccount(c.Author.ID, c.Author.Login)\n", ""},
		{hear, "	w.CommitterIs, _ = dir.ByAccount(c.Committer.ID, c.Committer.Login)\n", ""},
		{hear, "	w.Web = c.Web\n", "	w.Web = true\n"},
		{hear, "case !sure:", "case false:"},
		{hear, "case p == \"\":", "case false:"},
		{hear, "case p != forge.Write && p != forge.Admin:", "case false:"},
		{hear, "if then := h.Recorded[r.ID]; then != \"\"", "if then := h.Recorded[r.ID]; false"},
		{hear, "	m, err := h.Material(r.Commit)\n", "	m, err := h.Material(h.Said.Pull.Head.OID)\n"},
		{hear, "Bot: r.By.Bot}", "}"},
		{hear, "forge.ChangesRequested: approval.Rejected", "forge.ChangesRequested: approval.Commented"},
		{hear, "forge.Dismissed: approval.Dismissed", "forge.Dismissed: approval.Commented"},
		{hands, "for _, m := range coAuthors.FindAllStringSubmatch(c.Message, -1) {", "for _, m := range coAuthors.FindAllStringSubmatch(\"\", -1) {"},
		{hands, "if c.Committer.Email != c.Author.Email && !w.Web {", "if false {"},
		{hands, "if account != \"\" && account != c.Person {", "if false {"},
		{"internal/store/directory.go", "	if number == 0 {\n		return \"\", false\n	}\n", "	if id = d.byLogin[strings.ToLower(login)]; id != \"\" {\n		return id, true\n	}\n"},
	}
	src, err := os.ReadFile(filepath.Join(root, checks))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"inputChecks", "personChecks", "reviewChecks"} {
		_, rest, _ := strings.Cut(string(src), "var "+list+" = ")
		_, body, _ := strings.Cut(rest, "{\n\t")
		body, _, _ = strings.Cut(body, ",\n}")
		for _, name := range strings.Split(body, ", ") {
			// A check that is not used would not compile as a list without it.
			out = append(out, mutation{checks, body, strings.Replace(", "+body, ", "+name, "", 1)[2:]})
		}
	}
	return out
}

// TestMutations takes each check of the gate out in turn, and demands that the
// tests of approvals or of decisions notice. It builds them once for each, so
// that it runs where GITSM_MUTATIONS asks for it: in .ci/run.
func TestMutations(t *testing.T) {
	if os.Getenv("GITSM_MUTATIONS") == "" {
		t.Skip("GITSM_MUTATIONS is not set")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations(t, root) {
		name := strings.Join(strings.Fields(m.file+" without "+firstLine(m.old)+" but "+firstLine(m.with)), " ")
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(root, m.file)
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(src), m.old) != 1 {
				t.Fatalf("%s does not hold %q once: mend this list", m.file, m.old)
			}
			dir := t.TempDir()
			mutant, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
			write(t, mutant, []byte(strings.Replace(string(src), m.old, m.with, 1)))
			text, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutant}})
			if err != nil {
				t.Fatal(err)
			}
			write(t, overlay, text)
			cmd := exec.Command("go", "test", "-vet=off", "-overlay", overlay, "./internal/approval", "./internal/decision")
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "GITSM_MUTATIONS=")
			got, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Error("every test passes without it")
			case strings.Contains(string(got), "[build failed]"):
				t.Errorf("it does not build:\n%s", got)
			}
		})
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
