package finding

// gateCodes are the gate findings, GAT001 and up.
var gateCodes = []Code{}
