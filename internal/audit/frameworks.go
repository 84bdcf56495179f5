package audit

// Framework is a body of rules that auditors audit by, as far as changes are
// its subject.
type Framework struct {
	ID       string
	Title    string
	Controls []Control
}

// Control is one thing a framework asks for, in our words, with the checks that
// test it.
type Control struct {
	ID     string
	Asks   string
	Checks []string
}

// Frameworks is the table of frameworks.
//
// To add one: a row here. Every check of a control is one of Codes.
func Frameworks() []Framework {
	return []Framework{
		{"soc2", "SOC 2, CC8.1 change management", []Control{
			{"CC8.1 life cycle", "all changes are managed, from request to end", []string{POP1, POP2, REQ1}},
			{"CC8.1 authorise", "changes are authorised before work on them begins", []string{APR1, APR2, STD1}},
			{"CC8.1 document", "what changes, and what it changed, is written down", []string{REQ1, DOC1}},
			{"CC8.1 track", "changes are tracked, and the track is intact", []string{POP2, TMP1}},
			{"CC8.1 evaluate", "what a change may do is weighed", []string{IMP1, IMP2, RSK1}},
			{"CC8.1 test", "changes are tested", []string{TST1}},
			{"CC8.1 approve", "the content that is carried out was approved by others", []string{APR1, APR3, SOD1}},
			{"CC8.1 deploy", "changes are carried out as approved, and looked at afterwards", []string{SCH1, IMPL, VER1}},
			{"CC8.1 emergency", "emergencies have a way of their own", []string{EMG1, PIR1}},
			{"CC8.1 baseline", "what judges changes is itself under control", []string{POL1, CFG1}},
		}},
		{"sox", "SOX, IT general controls: change management", []Control{
			{"completeness", "the population is whole, and it can be shown how it was found", []string{POP1, POP2}},
			{"authorisation", "changes were authorised before they were deployed", []string{REQ1, APR1, APR2, APR3}},
			{"testing", "changes were tested before they were deployed", []string{TST1}},
			{"segregation", "whoever approves has no other part in it", []string{SOD1}},
			{"deployment", "what was deployed is what was approved", []string{IMPL, SCH1}},
			{"emergency", "emergencies are approved afterwards, in time", []string{EMG1, PIR1}},
			{"integrity", "records and rules cannot be altered unseen", []string{TMP1, POL1, CFG1}},
		}},
		{"iso27001", "ISO/IEC 27001:2022, A.8.32 change management", []Control{
			{"A.8.32 plan", "changes are planned, and their impact is assessed", []string{REQ1, IMP1, IMP2, RSK1}},
			{"A.8.32 authorise", "changes are authorised", []string{APR1, APR2, APR3, STD1}},
			{"A.8.32 test", "changes are tested and accepted", []string{TST1, VER1}},
			{"A.8.32 implement", "changes are carried out as planned", []string{SCH1, IMPL}},
			{"A.8.32 fall-back", "there is a way for emergencies, and a way back", []string{EMG1, BCK1}},
			{"A.8.32 records", "there are records of all changes, and documents follow", []string{POP1, POP2, DOC1, PIR1}},
			{"A.5.3", "duties that conflict are segregated", []string{SOD1}},
			{"A.8.15", "records are protected against tampering", []string{TMP1, POL1, CFG1}},
		}},
		{"pci", "PCI DSS 4.0.1, 6.5 changes to all system components", []Control{
			{"6.5.1 reason", "the reason for the change is given", []string{REQ1}},
			{"6.5.1 security", "its impact on security is documented", []string{IMP1, IMP2}},
			{"6.5.1 approval", "authorised parties approved it", []string{APR1, APR2, APR3}},
			{"6.5.1 testing", "it was tested", []string{TST1}},
			{"6.5.1 failure", "there is a way back to a secure state", []string{BCK1}},
			{"6.5.2", "after a change requirements are confirmed and documents updated", []string{VER1, DOC1}},
			{"6.5.4", "roles are separated", []string{SOD1}},
			{"10.3", "the records are protected, and complete", []string{POP1, POP2, TMP1}},
		}},
		{"nist", "NIST SP 800-53 Rev. 5, CM-3 to CM-5", []Control{
			{"CM-3b", "proposed changes are reviewed, with regard to security", []string{REQ1, IMP1, IMP2, RSK1, APR1}},
			{"CM-3c/d", "decisions are documented, and only what was approved is carried out", []string{APR2, APR3, IMPL}},
			{"CM-3e", "records of changes are retained", []string{POP2, TMP1}},
			{"CM-3f", "changes are monitored and reviewed", []string{POP1, PIR1}},
			{"CM-3(2)", "changes are tested, validated and documented before", []string{TST1}},
			{"CM-3(7)", "unauthorised changes are looked for", []string{POP1, POP2}},
			{"CM-3(8)", "changes are prevented or restricted in defined circumstances", []string{SCH1}},
			{"CM-4", "the impact of changes is analysed", []string{IMP1, IMP2, RSK1}},
			{"CM-4(2)", "controls are verified after the change", []string{VER1}},
			{"CM-5", "who may change is restricted, and changes are recorded", []string{CFG1, POL1}},
			{"CM-5(4)", "changes take two people", []string{SOD1}},
			{"AU-9", "audit information is protected", []string{TMP1}},
		}},
		{"cobit", "COBIT 2019, BAI06 managed IT changes", []Control{
			{"BAI06.01", "changes are evaluated, prioritised and authorised", []string{REQ1, IMP1, RSK1, APR1, APR2, APR3, SOD1, STD1}},
			{"BAI06.02", "emergency changes are managed", []string{EMG1}},
			{"BAI06.03", "the state of changes is tracked and reported", []string{POP1, POP2, SCH1, IMPL}},
			{"BAI06.04", "changes are closed and documented", []string{VER1, DOC1, PIR1}},
			{"BAI07", "changes are accepted after test, and can be taken back", []string{TST1, BCK1}},
		}},
		{"dora-eu", "EU DORA, Delegated Regulation 2024/1774, art. 17", []Control{
			{"art. 17 security", "security requirements are verified", []string{IMP2, TST1}},
			{"art. 17 independence", "who approves is independent of who asks and carries out", []string{SOD1}},
			{"art. 17 roles", "roles are clear: who asks, approves, carries out", []string{REQ1, APR1, IMPL}},
			{"art. 17 scope", "purpose, scope and time are documented", []string{REQ1, IMP1, SCH1}},
			{"art. 17 fall-back", "there is a way back, and somebody to take it", []string{BCK1}},
			{"art. 17 emergency", "emergencies have a procedure", []string{EMG1}},
			{"art. 17 afterwards", "emergencies are re-evaluated and approved afterwards", []string{EMG1, PIR1}},
			{"art. 17 impact", "the effect on existing measures is weighed", []string{IMP2, RSK1, VER1}},
			{"art. 17 records", "changes are recorded, complete and intact", []string{POP1, POP2, APR3, TMP1}},
		}},
	}
}
