package audit

// Code is a row of the table of checks. Codes are stable: frameworks and
// exceptions refer to them.
type Code struct {
	ID    string
	Title string
	Asks  string // the question that it answers
}

// The checks of this version.
const (
	POP1 = "POP-1"
	POP2 = "POP-2"
	APR1 = "APR-1"
	APR2 = "APR-2"
	APR3 = "APR-3"
	SOD1 = "SOD-1"
	TMP1 = "TMP-1"
	EMG1 = "EMG-1"
	PIR1 = "PIR-1"
	BCK1 = "BCK-1"
	SCH1 = "SCH-1"
	POL1 = "POL-1"
	REQ1 = "REQ-1"
	IMP1 = "IMP-1"
	IMP2 = "IMP-2"
	RSK1 = "RSK-1"
	TST1 = "TST-1"
	IMPL = "IMPL-1"
	VER1 = "VER-1"
	DOC1 = "DOC-1"
	STD1 = "STD-1"
	CFG1 = "CFG-1"
)

// Codes is the table of checks, in the order reports print them.
//
// To add a check: a row here, its function in the table of checks (verify.go),
// and a case that passes it and one that does not.
func Codes() []Code {
	return []Code{
		{POP1, "completeness", "has every deployment a change that was carried out?"},
		{POP2, "no gaps", "did everything come through the gate, and is it still there?"},
		{REQ1, "request", "did somebody known ask for it, for a reason?"},
		{IMP1, "impact", "is what it touches on record, so that its reach was weighed?"},
		{IMP2, "security impact", "was it said what it does to security, where the risk called for it?"},
		{RSK1, "risk", "does the recorded risk follow from policy and facts of the time?"},
		{APR1, "approval", "did those whom policy asked at the time approve?"},
		{APR2, "approval before start", "was it authorised before the work began?"},
		{APR3, "content binding", "is what landed what was approved?"},
		{SOD1, "segregation of duties", "was it approved by somebody who had no hand in it?"},
		{TST1, "test", "does the record say, before the work began, how it was tested?"},
		{IMPL, "implementation", "who carried it out, when, and was it what was approved?"},
		{VER1, "verification", "did somebody look whether it worked?"},
		{DOC1, "documentation", "was what it changed on record when it was over?"},
		{STD1, "standard change", "was it within a model that was in force?"},
		{CFG1, "protection", "was main protected on the forge all the time?"},
		{TMP1, "tamper", "are history, evidence and signatures intact?"},
		{EMG1, "emergency", "had it an incident, and its authoriser's approval and a review in time?"},
		{PIR1, "review", "was what went wrong, or could have, closed only with a review?"},
		{BCK1, "back-out", "was there a way back when it was authorised?"},
		{SCH1, "schedule", "did the work begin within the approved window, and outside of freezes?"},
		{POL1, "rules", "did changes of policy, people and config have their owners' approval?"},
	}
}
