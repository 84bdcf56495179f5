package finding

// schemaCodes are the schema findings, SCH001 and up.
var schemaCodes = []Code{}
