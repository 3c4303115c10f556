import { describe, expect, it } from 'vitest';
import { writtenResource } from '../../../src/core/resources/written-resource.ts';
import { aResource, ROOT_CLUSTER } from '../../support/builders.ts';

describe('a resource as people write it', () => {
  it.each([
    ['db/payments-main', {}],
    ['/leaf/db/payments-main', { cluster: 'leaf' }],
    ['app/a/b', { kind: 'app', name: 'a/b' }],
    ['app/a/b/c', { kind: 'app', name: 'a/b/c' }],
    ['pod/prod/eu', { kind: 'pod', name: 'prod/eu' }],
    ['pod/prod/eu/payments/db-0', { kind: 'pod', name: 'prod/eu', subResource: 'payments/db-0' }],
    [
      '/leaf/kube:ns:pods/prod/a/b',
      { cluster: 'leaf', kind: 'kube:ns:pods', name: 'prod', subResource: 'a/b' },
    ],
    ['namespace/prod/payments', { kind: 'namespace', name: 'prod', subResource: 'payments' }],
    ['kube:cw:nodes/prod/n-1', { kind: 'kube:cw:nodes', name: 'prod', subResource: 'n-1' }],
    ['pod/prod', { kind: 'pod', name: 'prod' }],
    [
      'node/n-1|logins=root,ubuntu',
      { kind: 'node', name: 'n-1', constraints: { kind: 'ssh' as const, logins: ['root', 'ubuntu'] } },
    ],
    [
      'windows_desktop/w|logins=admin',
      {
        kind: 'windows_desktop',
        name: 'w',
        constraints: { kind: 'windows_desktop' as const, logins: ['admin'] },
      },
    ],
    [
      'app/aws|role_arns=arn:1',
      { kind: 'app', name: 'aws', constraints: { kind: 'aws_console' as const, roleArns: ['arn:1'] } },
    ],
  ])('%s is read', (written, expected) => {
    expect(writtenResource(written, ROOT_CLUSTER)).toStrictEqual(aResource(expected));
  });

  it.each([
    ...['', 'db', 'db/', '/leaf/db', 'db/a|', 'db/a|users=x', 'db/a|logins=', 'node/a|logins=x|logins=y'],
    ...['db/a\nb', 'node/a|xlogins=b', 'node/a|logins=a\nb'],
  ])('%j is none', (written) => {
    expect(writtenResource(written, ROOT_CLUSTER)).toBeNull();
  });
});
