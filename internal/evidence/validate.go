package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// The forms of the strings of a statement. None of them can hold a sentence
// or, but for those that quote git, an e-mail address.
var (
	formID      = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	formPerson  = lazyregexp.New(`^[a-z0-9][a-z0-9-]{0,62}$`)
	formAccount = lazyregexp.New(`^[a-z][a-z0-9-]*:[0-9]+$`)
	formToken   = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._:/+\[\]-]{0,127}$`)
	formVersion = lazyregexp.New(`^[0-9A-Za-z(][0-9A-Za-z.+()_-]{0,127}$`)
	formObject  = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	formSHA256  = lazyregexp.New(`^[0-9a-f]{64}$`)
	formDigest  = lazyregexp.New(`^(sha256:)?[0-9a-f]{64}$`)
	formMode    = lazyregexp.New(`^(100644|100755|120000|160000)$`)
	formVerdict = lazyregexp.New(`^(allow|pending|deny|error)$`)
)

// validate refuses statements that are malformed, that contradict themselves,
// or whose parts do not belong to their type.
func validate(st Statement) error {
	p := st.Predicate
	c := &checker{}
	if !slices.Contains(Types(), p.Kind) {
		return fmt.Errorf("kind %q is none of %v", p.Kind, Types())
	}
	if st.Type != StatementType {
		c.fail("_type %q is not %s", st.Type, StatementType)
	}
	if want := PredicateType(p.Kind); st.PredicateType != want {
		c.fail("predicateType %q is not %s, which its kind calls for", st.PredicateType, want)
	}
	if year := p.Time.Year(); year < 1970 || year > 9999 {
		c.fail("time %s is out of range", p.Time)
	}
	c.must("tool.gitsm", p.Tool.Gitsm, formVersion)
	c.may("tool.opa", p.Tool.OPA, formVersion)
	c.parts(p)
	c.record(p.Record, p.Kind)
	c.bound(p)
	c.contributors(p.Contributors)
	c.decision(p.Decision)
	c.merge(p.Merge)
	c.checkpoint(p.Checkpoint)
	c.forge(p)
	if len(c.problems) == 0 && !reflect.DeepEqual(st.Subject, Subjects(p)) {
		c.fail("subject does not name what the predicate is about")
	}
	return errors.Join(c.problems...)
}

// parts checks that the statement has the parts its kind calls for, and no
// others.
func (c *checker) parts(p Predicate) {
	if p.Kind.decider() {
		c.must("person", p.Person, formPerson)
	} else {
		c.may("person", p.Person, formPerson)
	}
	for _, part := range []struct {
		name string
		kind Type
		has  bool
	}{
		{"decision", Decision, p.Decision != nil},
		{"merge", Merge, p.Merge != nil},
		{"checkpoint", Checkpoint, p.Checkpoint != nil},
	} {
		if want := p.Kind == part.kind; part.has != want {
			c.fail("part %q is for statements of kind %s, and they all have it", part.name, part.kind)
		}
	}
	if p.Kind == Checkpoint {
		if p.Record.ID != "" || p.Proposal != (Proposal{}) {
			c.fail("a checkpoint is about no record and no proposal")
		}
		return
	}
	c.must("proposal.head", p.Proposal.Head, formObject)
	c.may("proposal.base", p.Proposal.Base, formObject)
	if b := p.Proposal.Branch; strings.ContainsFunc(b, unicode.IsControl) || strings.Contains(b, " ") || len(b) > 255 {
		c.fail("proposal.branch %q is not a branch name", b)
	}
	if p.Kind == Approval && p.Material.SHA256 == "" && len(p.Files) == 0 {
		c.fail("an approval must be bound to content: it has neither material nor files")
	}
}

// record checks that the stored bytes are the blob that is claimed. A merge may
// leave them to the decision before it.
func (c *checker) record(r RecordContent, kind Type) {
	if r.ID == "" {
		if r != (RecordContent{}) {
			c.fail("record has no id")
		}
		return
	}
	c.must("record.id", r.ID, formID)
	c.must("record.kind", r.Kind, formToken)
	c.path("record.path", r.Path)
	c.may("record.blob", r.Blob, formObject)
	switch {
	case r.Content != "" && r.Kind == "person":
		c.fail("record.content of a person is kept out of evidence; give the blob alone")
	case r.Kind == "person", kind == Merge && r.Content == "":
	case r.Blob == "" && r.Content != "":
		c.fail("record.content is given without record.blob")
	case r.Blob != "" && blobID([]byte(r.Content), r.Blob) != r.Blob:
		c.fail("record.content is not blob %s; it was altered, or is not UTF-8", r.Blob)
	}
}

// bound checks what an approval is bound to besides the record.
func (c *checker) bound(p Predicate) {
	c.may("material.sha256", p.Material.SHA256, formSHA256)
	for _, field := range p.Material.Excluded {
		c.must("material.excluded", field, formToken)
	}
	for i, f := range p.Files {
		c.path("files.path", f.Path)
		c.may("files.mode", f.Mode, formMode)
		c.may("files.blob", f.Blob, formObject)
		if (f.Mode == "") != (f.Blob == "") {
			c.fail("files: %s needs both mode and blob, or neither where it is removed", f.Path)
		}
		if f.Path == p.Record.Path || i > 0 && p.Files[i-1].Path >= f.Path {
			c.fail("files: %s is listed twice or out of order", f.Path)
		}
	}
}

func (c *checker) contributors(list []Contributor) {
	for _, who := range list {
		c.may("contributors.person", who.Person, formPerson)
		c.may("contributors.account", who.Account, formAccount)
		c.must("contributors.role", who.Role, formToken)
		c.may("contributors.commit", who.Commit, formObject)
	}
}

func (c *checker) decision(d *DecisionFacts) {
	if d == nil {
		return
	}
	c.must("decision.verdict", d.Verdict, formVerdict)
	c.may("decision.policy_digest", d.PolicyDigest, formDigest)
	c.may("decision.input_digest", d.InputDigest, formDigest)
	c.mayPhrase("decision.risk.band", d.Risk.Band)
	if d.Risk.Score > maxNumber || d.Risk.Score < -maxNumber {
		c.fail("decision.risk.score %d cannot be written exactly", d.Risk.Score)
	}
	for _, r := range d.Requirements {
		c.requirement(r)
	}
	for _, f := range d.Findings {
		c.mayPhrase("decision.findings.code", f.Code)
		c.mayPhrase("decision.findings.rule", f.Rule)
		c.must("decision.findings.severity", f.Severity, formToken)
		c.may("decision.findings.waiver", f.Waiver, formToken)
	}
	if d.Input == nil {
		return
	}
	c.input(d.Input)
	sum := sha256.Sum256(d.Input)
	if want := hex.EncodeToString(sum[:]); d.InputDigest != "" && strings.TrimPrefix(d.InputDigest, "sha256:") != want {
		c.fail("decision.input_digest %s is not that of decision.input, %s", d.InputDigest, want)
	}
}

func (c *checker) requirement(r Requirement) {
	c.phrase("decision.requirements.id", r.ID)
	for _, from := range r.From {
		c.must("decision.requirements.from", from, formToken)
	}
	for _, a := range r.Approvers {
		c.must("decision.requirements.approvers.person", a.Person, formPerson)
		c.mayPhrase("decision.requirements.approvers.evidence", a.Evidence)
	}
	for _, i := range r.Ignored {
		c.must("decision.requirements.ignored.who", i.Who, formToken)
		c.phrase("decision.requirements.ignored.why", i.Why)
	}
}

func (c *checker) merge(m *MergeFacts) {
	if m == nil {
		return
	}
	c.must("merge.commit", m.Commit, formObject)
	c.must("merge.base", m.Base, formObject)
	c.must("merge.head", m.Head, formObject)
	c.must("merge.method", m.Method, formToken)
	c.may("merge.approved_material", m.ApprovedMaterial, formSHA256)
	c.may("merge.landed_material", m.LandedMaterial, formSHA256)
	if m.Identical && m.ApprovedMaterial != m.LandedMaterial {
		c.fail("merge: identical is said of two different digests")
	}
}

func (c *checker) checkpoint(p *CheckpointFacts) {
	if p == nil {
		return
	}
	c.must("checkpoint.genesis", p.Genesis, formObject)
	c.must("checkpoint.main", p.Main, formObject)
	c.may("checkpoint.evidence", p.Evidence, formObject)
}

// formPlace is a repository of a host.
var formPlace = lazyregexp.New(`^[a-z0-9.:-]+/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`)

func (c *checker) forge(p Predicate) {
	f := p.Forge
	if f == nil {
		return
	}
	if p.Kind == Checkpoint {
		c.fail("no forge speaks of a checkpoint")
	}
	c.must("forge.repository", f.Repository, formPlace)
	c.may("forge.state", f.State, formToken)
	c.may("forge.account", f.Account, formAccount)
	c.may("forge.permission", f.Permission, formToken)
	if f.Statement != "" {
		c.path("forge.statement", f.Statement)
	}
	if f.Pull < 1 || f.Review < 0 || f.Review > maxNumber || f.At.IsZero() {
		c.fail("forge: it needs a pull request, a time and numbers that can be written exactly")
	}
	if (f.Review != 0) != p.Kind.decider() && p.Kind != Withdrawal {
		c.fail("forge: a review is what an approval or rejection repeats, and nothing else")
	}
	for _, x := range f.Checks {
		c.mayPhrase("forge.checks.name", x.Name)
		c.must("forge.checks.state", x.State, formToken)
		c.mayPhrase("forge.checks.source", x.Source)
	}
	for _, r := range f.Rules {
		c.must("forge.rules.type", r.Type, formToken)
		c.may("forge.rules.parameters", r.Parameters, formSHA256)
		for _, name := range r.Checks {
			c.mayPhrase("forge.rules.checks", name)
		}
	}
	for _, u := range f.Unknown {
		c.mayPhrase("forge.unknown", u)
	}
}

// input refuses numbers that two readers could read differently. It walks the
// canonical text, where a number is a run of these characters outside strings.
func (c *checker) input(text []byte) {
	if len(text) == 0 || text[0] != '{' {
		c.fail("decision.input is not an object")
		return
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			i = endOfString(text, i)
		case text[i] == '-' || text[i] >= '0' && text[i] <= '9':
			start := i
			for i < len(text) && strings.IndexByte("+-.0123456789eE", text[i]) >= 0 {
				i++
			}
			number := string(text[start:i])
			if n, err := strconv.ParseFloat(number, 64); err != nil || n > maxNumber || n < -maxNumber {
				c.fail("decision.input holds the number %s, which cannot be written exactly; make it a string", number)
			}
			i--
		}
	}
}

// endOfString returns the index of the quote that ends the string at start.
func endOfString(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}
