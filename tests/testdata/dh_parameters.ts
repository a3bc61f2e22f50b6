/** Parameters of Diffie-Hellman, of 1024 bits: too few for security level 2. */
export const DH_1024 = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAN6P9kVlFlfXffGMhjktxyZpHD51oSy/PIng/kYdVYMfNTfc3DG9jAtg
vWhH8EeIvrFBNBlal29fGG//wV4nmiv8EI8BrxTiN0Ez1mco8P1oTYN9TnS8QoKn
iA7OCSXk5oIH67IxkRYJyIzKvl8k6PyTlJyHXAFJUvC5rILPNR3fAgEC
-----END DH PARAMETERS-----
`;

/** The group ffdhe2048 (RFC 7919). */
export const DH_2048 = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`;
