/**
 * A key in the formats that OpenSSL reads but the module doesn't write, made by
 * OpenSSL 3.0's programs. The certificates are a leaf and the authority over it.
 *
 * @module
 */

/** The key, its certificate and the authority's: `openssl pkcs12 -export`, password "secret". */
export const PKCS12: Uint8Array<ArrayBuffer> = Uint8Array.fromBase64(
  "MIIFbAIBAzCCBSIGCSqGSIb3DQEHAaCCBRMEggUPMIIFCzCCA8IGCSqGSIb3DQEHBqCCA7Mw" +
    "ggOvAgEAMIIDqAYJKoZIhvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiU" +
    "H4PdTbE4LQICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELgFiUUl5kpWPMeNa4zc" +
    "EwyAggNArYcSG15/DzA+9lRwqeZBsnvQVz0cQiA21e8U+JEulncJKfrWgkySHInAsTLwTNI5" +
    "yEt54Gkk9AVp3dqpw/LCXPfVmcuVNXECUjZMtXEXCbKtpdLXiqhLJXjvocGaAGpzDGzoAFVs" +
    "FvrGwsDyPK1GyxN9TcEjBmWjzvkOlaviRlQp1q0JfBpGE8I9l1mO9QKoJH8K8pW1hkqo7Kdy" +
    "lFU7q303kOH8Xp/2Q9fj0UXfNYqYimSB5hm0NsTCCPle//WJ8EuQfatctHlH6P8TrGx62alt" +
    "+2VOlQ5tqSlTwOz9z5uFTTslhkSZ8G2nTuhVWV2zibS0J3K4Vd81dcagIOg15KN2n5WCsLTH" +
    "sJ2R+MyPRCAQqXedmd8FRfhTYGPGXF5WxRmJ+dtAAnWPi8gsuJDz49dUKiTsoiHvkOrCiSk4" +
    "Tc+Sbqm3n22mluLIn6Lqj1BaPmjP7bJ+zbVhUKTp9s0EhF2/rmMeKk6fnp1jgYoEAzo7Lpa3" +
    "HVpHjFEj+aWrBc+08QYotrU7oQIFUK65uQ6MOCY53EWuO4Pm1FfWaWOwzfy8YiBAsG0TjMUj" +
    "x05TxNxyQjDzP7Zbh1nCCN4vzADUg+/3kdO4UnqSBC3sY+dLgW7UrPVIetDVyhs5gt2gA0RQ" +
    "5dBONA0eBXCtNhZgtED4ZmJmx5U9mN6xXj/R83jbcchknGVEa49Ml/TtUQV+CsHLe9uULQp2" +
    "RZzLOXXgS2M+WE40cddouwMGx3x0WB7nqW6dIVy7asHTB2AUXbURUAhaH89wFYt4oKD5R45E" +
    "mmM/EFlcta44mdUmqcWdgtTgJLlFRsZUQc01zZ6IDLBw75pBEtx+ZAdhFJ11Oftc1k9GESJZ" +
    "6du51mYyHqq/miKWbNNIq92JYv92xoUdtngc0+9gr6WlnG1LmmIZedxaiU8GlRViTOMUxOSA" +
    "oLxN/6aO6rOZi9VI8oAgC9W/cNTSdGsQl0JdNjUqzIlMEpIjYYSrPV+KHyQSOT+fSXd5tyYp" +
    "xVJCpkgPMhLqRdoCBF5wuIA8OIzK03n6uUXn/Qp6AA3TiAmnJaqOR1lNo7UABA/HDsV1lP1P" +
    "V1CVIQruokd/tRElhtQtfGVuge2Py6Hsq/1+uTCCAUEGCSqGSIb3DQEHAaCCATIEggEuMIIB" +
    "KjCCASYGCyqGSIb3DQEMCgECoIHvMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAc" +
    "BAgr4joCemBxRgICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPcB8UP8zhuEMRZT" +
    "aSoJt0UEgZAaPDJy3kYM19Eb/mVSKJuoT+uGAp5W2QTwVt6XucA7RDKkqp2ZJ4wqF60UZu5/" +
    "Oa1ySUhYdzyHamfz+VgOPzRF7G0G4GOGUtQLQBEXb6P9919rHqwhjTYeE0ZNJocq+BBPC79v" +
    "+GLUSp9sAucinkvdfMHxNNxgr6rlzstdrnFptA5OlvrNeAo+gpsO1sFeN8YxJTAjBgkqhkiG" +
    "9w0BCRUxFgQUu1cy9eBCMlYEJWz+be9wkzVEv3MwQTAxMA0GCWCGSAFlAwQCAQUABCC+lMhw" +
    "L09ZYdV5VmIn0YmIK7dBLAqxYJmj3Z2limIYbwQIVlkHd8O1zd8CAggA",
);

/** The key alone: `openssl pkcs8 -topk8`, password "sécret". */
export const ENCRYPTED_KEY = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh/tzref6EBLAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECVLyw45x+wSkhI7x96QZ3IEgZD2
ZIizBJsk4CHkrAG8tVnpKdaGbJzpcqFZGrkxy/itlo8OhMYas7URyhHXlqoC9OB0
Qu1VUYmZAbGjGId4zFqP5+0XkbH+5LtmsAb6IH94StU+fB15y5ohPxPUcwoJWyLO
DPa8uA8qLQ4944i+LcZWxl2cWsIZL4Cwci+Q+l6U1Uao2Ct+UTsdWskwzBO3lE8=
-----END ENCRYPTED PRIVATE KEY-----
`;

/** The key in PKCS#8, in DER: `openssl pkcs8 -topk8 -nocrypt`. */
export const PKCS8_KEY: Uint8Array<ArrayBuffer> = Uint8Array.fromBase64(
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRwZ8kp3xd/3rFFBKnzVRuIJu" +
    "8gkrr0AEHfCkiH9wF/ShRANCAAT2k2YN3tV2o5XO4sqADOUnA6uJ8hn4HK2v7ntnjSta5beC" +
    "8Y5aQW5e8sBfFnbuZJLSPz2Goobri2Z0rseaTvHp",
);

/** The key in the elliptic curves' own format, in DER: `openssl ec`. */
export const EC_KEY: Uint8Array<ArrayBuffer> = Uint8Array.fromBase64(
  "MHcCAQEEIEcGfJKd8Xf96xRQSp81UbiCbvIJK69ABB3wpIh/cBf0oAoGCCqGSM49AwEHoUQD" +
    "QgAE9pNmDd7VdqOVzuLKgAzlJwOrifIZ+Bytr+57Z40rWuW3gvGOWkFuXvLAXxZ27mSS0j89" +
    "hqKG64tmdK7Hmk7x6Q==",
);
