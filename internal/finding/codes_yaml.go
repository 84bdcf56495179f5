package finding

// yamlCodes are the parse findings, YML001 and up.
var yamlCodes = []Code{}
