import { expect, it } from 'vitest';

import { instantOf } from '../../src/core/values/instant.ts';
import { handshakeError } from '../../src/teleport/connection/handshake-error.ts';

const place = {
  addr: 'teleport.example.com:443',
  path: '/identity',
  identity: {
    user: 'oncall-approver',
    clusterName: 'teleport.example.com',
    expires: instantOf(0),
    privateKeyPem: '',
    certificatePem: '',
    rootCaPems: [],
    fingerprint: '',
  },
};

it.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'identity', 'is signed by another authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'identity', 'is signed by another authority'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'identity', 'refused the identity in `/identity`'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'identity', 'refused the identity in `/identity`'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'identity', 'is no auth server of teleport'],
  ['CERT_HAS_EXPIRED', 'identity', 'are both clocks right?'],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'unavailable', 'a load balancer in front that ends TLS'],
  ['ECONNRESET', 'unavailable', 'ended the connection before it answered (ECONNRESET)'],
])('a TLS session that does not come about for %s is of kind %s and says so', (code, kind, words) => {
  const error = handshakeError(Object.assign(new Error('told by OpenSSL'), { code }), place);

  expect(error).toMatchObject({ kind, transient: true });
  expect(error.message).toContain(words);
  expect(error.message).toContain('teleport.example.com:443');
});
