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
)

// Codes is the table of checks, in the order reports print them.
//
// To add a check: a row here, its function in the table of checks (checks.go),
// and a case that passes it and one that does not.
func Codes() []Code {
	return []Code{
		{POP2, "no gaps", "did everything come through the gate, and is it still there?"},
		{APR1, "approval", "did those whom policy asked at the time approve?"},
		{APR2, "approval before start", "was it authorised before the work began?"},
		{APR3, "content binding", "is what landed what was approved?"},
		{SOD1, "segregation of duties", "was it approved by somebody who had no hand in it?"},
		{TMP1, "tamper", "are history, evidence and signatures intact?"},
		{EMG1, "emergency", "had it an incident, and its authoriser's approval in time?"},
		{PIR1, "review", "was what went wrong, or could have, closed only with a review?"},
		{BCK1, "back-out", "was there a way back when it was authorised?"},
		{SCH1, "schedule", "did the work begin within the approved window?"},
		{POL1, "rules", "did changes of policy, people and config have their owners' approval?"},
	}
}
