package finding

// lifecycleCodes are the lifecycle findings, LIF001 and up.
var lifecycleCodes = []Code{}
