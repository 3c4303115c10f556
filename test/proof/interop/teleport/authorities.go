package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gravitational/teleport/api/identityfile"
)

const (
	clusterName = "teleport.example.com"
	apiDomain   = "teleport.cluster.local"
	validity    = time.Hour
)

// authority signs certificates as one of a cluster's certificate authorities does.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificateTemplate(pkix.Name{CommonName: clusterName, Organization: []string{clusterName}})
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{key, certificate}, err
}

func (a *authority) issue(template *x509.Certificate) (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	return key, der, err
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// serverConfig is the TLS of an auth server: h2 only, client certificates verified if given, and both of its names:
// the one of every auth server, and the one with the cluster's name in hex.
func serverConfig(hosts, users *authority) (*tls.Config, error) {
	template := certificateTemplate(pkix.Name{CommonName: "auth." + clusterName})
	template.DNSNames = []string{apiDomain, hex.EncodeToString([]byte(clusterName)) + "." + apiDomain}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	key, der, err := hosts.issue(template)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    users.pool(),
		NextProtos:   []string{"h2"},
		MinVersion:   tls.VersionTLS12,
	}, nil
}

// writeIdentity signs an identity for user and has Teleport's own code write the file.
func writeIdentity(path, user string, hosts, users *authority) error {
	template := certificateTemplate(pkix.Name{CommonName: user, Organization: []string{"access-reviewer"}})
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	key, der, err := users.issue(template)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	sshCertificate, knownHost, err := sshCertificateFor(key, user, users, hosts)
	if err != nil {
		return err
	}
	return identityfile.Write(&identityfile.IdentityFile{
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		Certs: identityfile.Certs{
			SSH: sshCertificate,
			TLS: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		},
		CACerts: identityfile.CACerts{SSH: [][]byte{knownHost}, TLS: [][]byte{hosts.pem()}},
	}, path)
}

func sshCertificateFor(key *ecdsa.PrivateKey, user string, users, hosts *authority) (certificate, knownHost []byte, err error) {
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return nil, nil, err
	}
	signer, err := ssh.NewSignerFromKey(users.key)
	if err != nil {
		return nil, nil, err
	}
	signed := &ssh.Certificate{
		Key:             public,
		CertType:        ssh.UserCert,
		KeyId:           user,
		ValidPrincipals: []string{user},
		ValidBefore:     uint64(time.Now().Add(validity).Unix()),
	}
	if err := signed.SignCert(rand.Reader, signer); err != nil {
		return nil, nil, err
	}
	hostKey, err := ssh.NewPublicKey(hosts.key.Public())
	if err != nil {
		return nil, nil, err
	}
	line := append([]byte("@cert-authority *."+clusterName+" "), ssh.MarshalAuthorizedKey(hostKey)...)
	return ssh.MarshalAuthorizedKey(signed), line, nil
}

func certificateTemplate(subject pkix.Name) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // crypto/rand: the machine has no randomness
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
}
