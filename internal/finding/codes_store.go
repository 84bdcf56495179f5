package finding

// storeCodes are the store-layout findings, STO001 and up.
var storeCodes = []Code{}
