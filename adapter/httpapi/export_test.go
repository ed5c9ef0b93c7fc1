package httpapi

var DecodeChecked = decodeChecked
