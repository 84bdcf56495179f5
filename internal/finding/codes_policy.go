package finding

// policyCodes are the policy findings, POL001 and up.
var policyCodes = []Code{}
