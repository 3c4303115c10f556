import { randomUUID } from 'node:crypto';
import type { EventFields } from './audit-log.ts';
import type { Cluster } from './cluster.ts';

/** Somebody with a certificate, as the audit log sees them. */
export interface Person {
  /** `tsh login --request-id`: a certificate that carries the request. */
  assume(requestId: string): void;
  /** A session on a node; gives its id. `end` writes its end and its upload. */
  ssh(host: string, options?: { readonly commands?: number; readonly login?: string }): Session;
  /** A session on a database. */
  database(name: string, queries: number): Session;
  /** `kubectl` without a terminal, which is no session. */
  kubectl(kubeCluster: string, requests: number): void;
}

export interface Session {
  readonly sid: string;
  end(): void;
}

/** What `user` does in the cluster is written into its audit log, with the fields that Teleport gives each event. */
export function person(cluster: Cluster, user: string): Person {
  const { auditLog } = cluster;
  const requests: string[] = [];
  const whose = () => ({
    user,
    user_kind: 1,
    access_requests: [...requests],
    'addr.remote': '198.51.100.7:51820',
  });

  function session(type: string, fields: EventFields): Session {
    const sid = randomUUID();
    const begun = cluster.now();
    const common = { sid, ...fields };
    auditLog.emit(`${type}.start`, { ...whose(), ...common, success: true });
    return {
      sid,
      end() {
        const stop = cluster.now().toISOString();
        auditLog.emit(`${type}.end`, {
          ...whose(),
          ...common,
          session_start: begun.toISOString(),
          session_stop: stop.replace('Z', '000000Z'),
        });
        // Teleport: an upload names nobody.
        auditLog.emit('session.upload', { sid, url: 's3://recordings/secret', ei: 2_147_483_647 });
      },
    };
  }

  return {
    assume(requestId) {
      requests.push(requestId);
      auditLog.emit('cert.create', {
        code: 'TC000I',
        cert_type: 'user',
        identity: {
          user,
          access_requests: [...requests],
          route_to_cluster: cluster.clusterName,
          traits: { email: [`${user}@example.com`] },
        },
      });
    },
    ssh(host, { commands = 0, login = 'root' } = {}) {
      const fields = { proto: 'ssh', server_id: `id-of-${host}`, server_hostname: host, login };
      const opened = session('session', { ...fields, session_recording: 'node' });
      for (let each = 0; each < commands; each += 1)
        auditLog.emit('exec', {
          ...whose(),
          ...fields,
          sid: opened.sid,
          command: 'cat /etc/secret',
          exitCode: '0',
        });
      return opened;
    },
    database(name, queries) {
      const fields = { db_service: name, db_protocol: 'postgres', db_user: 'readonly' };
      const opened = session('db.session', fields);
      for (let each = 0; each < queries; each += 1)
        auditLog.emit('db.session.query', {
          ...whose(),
          ...fields,
          sid: opened.sid,
          db_query: 'SELECT secret',
        });
      return opened;
    },
    kubectl(kubeCluster, count) {
      const fields = { kubernetes_cluster: kubeCluster, proto: 'kube', sid: '', login: user };
      for (let each = 0; each < count; each += 1)
        auditLog.emit('kube.request', {
          ...whose(),
          ...fields,
          request_path: '/api/v1/secrets',
          verb: 'GET',
        });
    },
  };
}
