# Certificates for the TLS tests. shellcheck shell=bash

# make_ca NAME: NAME.pem and NAME.key in the current folder.
make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
        -subj "/CN=dbops test $1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# make_certificate NAME CA SUBJECT [SAN]: NAME.pem and NAME.key, signed by CA.
make_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" \
        -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 \
        -extfile <(echo "subjectAltName=${4:-DNS:$3}") -out "$1.pem" 2>/dev/null
    chmod 600 "$1.key"
}

# make_certificates DIR: ca, other-ca; server (localhost, 127.0.0.1), wrong (db.example.com);
# client certificates of the user "certy".
make_certificates() {
    mkdir -p "$1"
    (
        cd "$1" || return
        make_ca ca
        make_ca other-ca
        make_certificate server ca localhost DNS:localhost,IP:127.0.0.1
        make_certificate wrong ca db.example.com
        make_certificate certy ca certy
    )
}
