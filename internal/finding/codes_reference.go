package finding

// referenceCodes are the references findings, REF001 and up.
var referenceCodes = []Code{}
