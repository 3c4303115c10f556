import {
  Client,
  Metadata,
  credentials,
  status,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { AUTH_SERVICE, USERS_SERVICE, clientConstructor } from '../../sim/teleport/proto.ts';
import { keyPairFiles } from '../../sim/teleport/identity-file.ts';
import type { CredentialOptions } from '../../sim/teleport/cluster-authorities.ts';
import type { SimulatedTeleport } from '../../sim/teleport/start-teleport.ts';

type Message = Readonly<Record<string, unknown>>;
type UnaryCall = (
  request: Message,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: never) => void,
) => void;

export interface RawClient extends Disposable {
  /** Calls a unary method of AuthService; rejects with grpc-js's `ServiceError`. */
  call<Response>(method: string, request: Message): Promise<Response>;
  callUsers<Response>(method: string, request: Message): Promise<Response>;
  stream<Response>(method: string, request: Message): ClientReadableStream<Response>;
  collect<Response>(method: string, request: Message): Promise<readonly Response[]>;
}

interface RawClientOptions extends CredentialOptions {
  readonly serverName?: string;
  readonly addr?: string;
  /** Sent as `version` metadata, as Teleport's own clients do. */
  readonly version?: string;
  /** Sends the user authority's certificate after the client's own. */
  readonly withChain?: boolean;
}

const DEADLINE_MS = 5_000;

/** A client of the simulator made of grpc-js alone; without a user it shows no certificate. */
export function rawClient(
  teleport: SimulatedTeleport,
  user?: string,
  options: RawClientOptions = {},
): RawClient {
  const channelOptions = {
    'grpc.ssl_target_name_override': options.serverName ?? 'teleport.cluster.local',
    'grpc.enable_retries': 0,
  };
  const channelCredentials = credentialsFor(teleport, user, options);
  const addr = options.addr ?? teleport.authAddr;
  const auth = new (clientConstructor(AUTH_SERVICE))(addr, channelCredentials, channelOptions);
  const users = new (clientConstructor(USERS_SERVICE))(addr, channelCredentials, channelOptions);
  const metadata = new Metadata();
  if (options.version !== undefined) metadata.set('version', options.version);
  const stream = <Response>(method: string, request: Message) =>
    (auth[method] as (request: Message) => ClientReadableStream<Response>).call(auth, request);
  return {
    call: (method, request) => unary(auth, method, request, metadata),
    callUsers: (method, request) => unary(users, method, request, metadata),
    stream,
    collect: async <Response>(method: string, request: Message) => {
      const messages: Response[] = [];
      for await (const message of stream<Response>(method, request)) messages.push(message as Response);
      return messages;
    },
    [Symbol.dispose]: () => {
      auth.close();
      users.close();
    },
  };
}

/** The gRPC code and text by which a call was refused. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; details: string }> {
  try {
    await call;
  } catch (error) {
    const { code, details } = error as ServiceError;
    return { code: status[code], details };
  }
  throw new Error('the call was accepted');
}

function credentialsFor(teleport: SimulatedTeleport, user: string | undefined, options: RawClientOptions) {
  if (user === undefined) return credentials.createSsl(Buffer.from(teleport.authorities.host.certificatePem));
  const files = keyPairFiles(
    teleport.authorities.credentialsFor(teleport.cluster.directory.user(user), options),
  );
  const [userAuthority] = teleport.authorities.userAuthorities;
  const chain = options.withChain === true ? (userAuthority?.certificatePem ?? '') : '';
  return credentials.createSsl(
    Buffer.from(files.cas),
    Buffer.from(files.key),
    Buffer.from(files.crt + chain),
  );
}

function unary<Response>(
  client: Client & Readonly<Record<string, unknown>>,
  method: string,
  request: Message,
  metadata: Metadata,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = client[method] as UnaryCall;
    call.call(client, request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}
