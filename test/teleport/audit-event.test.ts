import { describe, expect, it } from 'vitest';
import { auditEventOf } from '../../src/teleport/audit-log.ts';
import type { Struct__Output } from '../../src/teleport/proto/generated/google/protobuf/Struct.ts';
import type { Value__Output } from '../../src/teleport/proto/generated/google/protobuf/Value.ts';

function struct(fields: Readonly<Record<string, unknown>>): Struct__Output {
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, value(each)])) };
}

function value(each: unknown): Value__Output {
  if (typeof each === 'string') return { stringValue: each };
  if (typeof each === 'number') return { numberValue: each };
  if (typeof each === 'boolean') return { boolValue: each };
  if (Array.isArray(each)) return { listValue: { values: each.map(value) } };
  return each === null
    ? { nullValue: 0 }
    : { structValue: struct(each as Readonly<Record<string, unknown>>) };
}

const TOP = { uid: 'u', time: '2026-03-03T02:11:09.412Z', cluster_name: 'prod', user: 'ana' };
const known = { uid: 'u', time: TOP.time, cluster: 'prod', user: 'ana', requests: [] };

describe('an event of the audit log', () => {
  it.each<[string, Readonly<Record<string, unknown>>, object]>([
    [
      'session.start',
      {
        ...{ login: 'root', access_requests: ['r'], sid: '7f', server_id: 'id', server_hostname: 'db-1' },
        ...{ 'addr.remote': '198.51.100.7:1', initial_command: ['cat', '/secret'], session_recording: 'off' },
      },
      {
        login: 'root',
        requests: ['r'],
        sid: '7f',
        resource: { kind: 'node', name: 'db-1', id: 'id' },
        recorded: false,
      },
    ],
    ['session.start', { server_id: 'id' }, { resource: { kind: 'node', name: 'id' } }],
    [
      'session.start',
      { kubernetes_cluster: 'eu', server_id: 'id' },
      { resource: { kind: 'kube_cluster', name: 'eu' } },
    ],
    [
      'session.end',
      { session_stop: '2026-03-03T02:21:09.412345678Z', recorded: false },
      { stop: '2026-03-03T02:21:09.412Z', recorded: false },
    ],
    ['session.end', { session_stop: '0001-01-01T00:00:00Z', recorded: true }, {}],
    ['session.data', { tx: 3, rx: '4', sid: '' }, { bytes: 7 }],
    ['session.data', { tx: -3, rx: 'many' }, {}],
    ['session.data', { tx: 5, rx: -3 }, { bytes: 5 }],
    ['session.data', { tx: 5, rx: 1e300 }, { bytes: 5 }],
    ['sftp', { file_transfer_stats: [{ path: '/secret' }, {}] }, { files: 2 }],
    [
      'db.session.start',
      { db_service: 'orders', db_user: 'ro', success: true },
      { login: 'ro', resource: { kind: 'db', name: 'orders' } },
    ],
    ['db.session.start', { success: false }, { failed: true }],
    ['db.session.query', { success: false, db_query: 'SELECT secret' }, {}],
    [
      'app.session.start',
      { code: 'T2007E', app_name: 'wiki' },
      { failed: true, resource: { kind: 'app', name: 'wiki' } },
    ],
    ['app.session.start', { code: 'T2007I' }, {}],
    ['device.authenticate', { success: false }, {}],
    ['db.create', { db_service: 'orders' }, {}],
    ['user.update', { server_id: 'auth-1', server_hostname: 'auth' }, {}],
    ['mcp.session.start', { app_name: 'tools' }, { resource: { kind: 'app', name: 'tools' } }],
    [
      'windows.desktop.session.start',
      { desktop_name: 'win', windows_user: 'Admin' },
      { login: 'Admin', resource: { kind: 'windows_desktop', name: 'win' } },
    ],
    [
      'desktop.clipboard.send',
      { desktop_name: 'win' },
      { resource: { kind: 'windows_desktop', name: 'win' } },
    ],
    ['git.command', { path: 'org/repo' }, { resource: { kind: 'git_server', name: 'org/repo' } }],
    [
      'saml.idp.auth',
      { service_provider_entity_id: 'sp', success: false },
      { failed: true, resource: { kind: 'saml_idp_service_provider', name: 'sp' } },
    ],
    [
      'cert.create',
      { identity: { user: 'x', access_requests: ['r'], route_to_cluster: 'leaf', traits: {} } },
      { requests: ['r'], route: 'leaf' },
    ],
    [
      'cert.create',
      { user: '', access_requests: ['no'], identity: { user: 'x', route_to_cluster: 'prod' } },
      { user: 'x' },
    ],
    [
      'lock.created',
      { access_requests: ['no'], lock: { target: { access_request: 'r' } }, target: { access_request: 'r' } },
      { requests: ['r'] },
    ],
    ['lock.created', { target: { access_request: 'r' } }, { requests: ['r'] }],
    ['lock.created', { lock: { target: { user: 'x' } } }, {}],
    [
      'new.one',
      { toString: 7, access_requests: [7, null, 'r'], user: null },
      { user: '', requests: ['', '', 'r'] },
    ],
  ])('%s has what is of use, and nothing else', (type, fields, expected) => {
    expect(auditEventOf(struct({ ...TOP, event: type, ...fields }))).toEqual({ ...known, type, ...expected });
  });

  it.each([
    ['no time', { ...TOP, event: 'exec', time: 'yesterday' }],
    ['a number for a type', { ...TOP, event: 7 }],
    ['nothing', {}],
  ])('with %s is none', (_what, fields) => {
    expect(auditEventOf(struct(fields))).toBeNull();
    expect(auditEventOf(null)).toBeNull();
  });

  it('without an id is known by what is in it, in whatever order', () => {
    const id = (...entries: readonly (readonly [string, unknown])[]) =>
      auditEventOf(struct({ ...TOP, event: 'exec', uid: '', ...Object.fromEntries(entries) }))?.uid;
    expect(id(['a', 'x'], ['b', ['y']])).toMatch(/^sha256:[\da-f]{64}$/u);
    expect(id(['a', 'x'], ['b', ['y']])).toBe(id(['b', ['y']], ['a', 'x']));
    expect(id(['a', 'x'], ['b', ['y']])).not.toBe(id(['a', 'x'], ['b', ['z']]));
  });

  it('is bounded, however much is in it', () => {
    const long = 'x'.repeat(2 ** 20);
    const event = auditEventOf(
      struct({
        ...TOP,
        event: 'exec',
        login: `${'x'.repeat(199)}\u{1f600}`,
        command: long,
        access_requests: Array(9_999).fill(long),
      }),
    );
    expect(JSON.stringify(event).length).toBeLessThan(12_000);
    expect(event?.login?.isWellFormed()).toBe(true);
  });
});
