import { join } from 'node:path';

import { z } from 'zod';

import { GoProcess } from './go-process.ts';
import type { Field, Method } from './own-protos.ts';
import { ENUMS, FIELDS, MESSAGES, SERVICES } from './own-protos.ts';
import type { Plain } from './plain.ts';

const startedSchema = z.strictObject({
  version: z.string(),
  addr: z.string(),
  identity: z.string(),
  cluster: z.string(),
});

const callSchema = z.strictObject({
  method: z.string(),
  request: z.record(z.string(), z.unknown()),
  metadata: z.record(z.string(), z.array(z.string())),
  user: z.string(),
  protocol: z.string(),
  server_name: z.string(),
});

/** A call as Teleport's generated server received it. */
export type ReceivedCall = z.infer<typeof callSchema>;

/** The answer to one call of a method: messages by Teleport's field names, then an error, a clean end, or silence. */
export interface Step {
  readonly messages?: readonly Plain[];
  readonly error?: { readonly code: number; readonly message: string };
  readonly hold?: boolean;
}

/** What Teleport's generated code says about our messages; null for what a version does not have. */
export interface Descriptions {
  readonly messages: Readonly<Record<string, readonly Field[] | null>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>> | null>>;
  readonly services: Readonly<Record<string, Readonly<Record<string, Method>> | null>>;
}

/** A server made of Teleport's generated code, which plays what it is told to. */
export class TeleportPeer implements AsyncDisposable {
  readonly #process: GoProcess;
  readonly addr: string;
  readonly identityFile: string;
  readonly moduleVersion: string;
  readonly descriptions: Descriptions;

  private constructor(
    go: GoProcess,
    { addr, identity, version }: z.infer<typeof startedSchema>,
    descriptions: Descriptions,
  ) {
    this.#process = go;
    this.addr = addr;
    this.identityFile = identity;
    this.moduleVersion = version;
    this.descriptions = descriptions;
  }

  /** Starts `command`; it writes its identity file into `folder`. */
  static async start(command: string, folder: string): Promise<TeleportPeer> {
    const go = new GoProcess(command, ['serve', join(folder)]);
    const started = startedSchema.parse(await go.read());
    const descriptions = await go.ask({
      describe: { messages: [...MESSAGES.keys()], enums: [...ENUMS.keys()], services: [...SERVICES.keys()] },
    });
    return new TeleportPeer(go, started, descriptions as Descriptions);
  }

  /** Teleport's code reads these bytes: what it understood, and the bytes it writes for that. */
  async decode(message: string, bytes: Buffer): Promise<{ readonly plain: Plain; readonly bytes: Buffer }> {
    const answer = await this.#process.ask({ decode: { message, bytes: bytes.toString('base64') } });
    const { plain, bytes: again } = answer as { plain: Plain; bytes: string };
    return { plain, bytes: Buffer.from(again, 'base64') };
  }

  /** Teleport's code writes this message. Throws an Error for names that this version does not have. */
  async encode(message: string, plain: Plain): Promise<Buffer> {
    const answer = await this.#process.ask({ encode: { message, plain } });
    return Buffer.from((answer as { bytes: string }).bytes, 'base64');
  }

  /** What the next calls of a method are answered with, one step each; further ones are UNIMPLEMENTED. */
  async script(method: string, ...steps: readonly Step[]): Promise<void> {
    await this.#process.ask({ script: { method, steps } });
  }

  /** The calls since the last time. */
  async calls(): Promise<readonly ReceivedCall[]> {
    const { calls } = (await this.#process.ask({ calls: {} })) as { calls: unknown };
    return z.array(callSchema).parse(calls);
  }

  hasMethod(service: string, method: string): boolean {
    return this.descriptions.services[service]?.[method] !== undefined;
  }

  /** Whether this version knows the field of ours. */
  knows(message: string, field: string): boolean {
    return this.descriptions.messages[message]?.some(({ name }) => name === field) ?? false;
  }

  /** Our fields of a message which this version knows. */
  knownFields(message: string): readonly Field[] {
    return (FIELDS.get(message) ?? []).filter(({ name }) => this.knows(message, name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
