import { mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { secretFromEnvironment, secretFromFile, type Secret } from '../../src/config/secret.ts';

async function aFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'secret-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe('a secret in a file', () => {
  it('is the text of the file without the white space around it', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, '  u+abc def\r\n\n');

    expect(secretFromFile(file).reveal()).toBe('u+abc def');
  });

  it('is read again when the file was written anew, also with a text of the same length', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, 'key-1');
    const secret = secretFromFile(file);
    expect(secret.reveal()).toBe('key-1');

    await writeFile(file, 'key-2');
    await utimes(file, new Date(), new Date('2026-03-03T02:14:07Z'));

    expect(secret.reveal()).toBe('key-2');
  });

  it('is read again when another file was put in its place, as Kubernetes does it', async () => {
    await using folder = await aFolder();
    const [file, first, second] = ['key', '..1', '..2'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(first, 'key-1');
    await writeFile(second, 'key-2');
    await symlink(first, file);
    const secret = secretFromFile(file);
    expect(secret.reveal()).toBe('key-1');

    await symlink(second, `${file}.new`);
    await rename(`${file}.new`, file);

    expect(secret.reveal()).toBe('key-2');
  });

  it('is not used any more once its file is gone or empty, and is back with the file', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, 'key-1');
    const secret = secretFromFile(file);
    expect(secret.reveal()).toBe('key-1');

    await unlink(file);
    expect(() => secret.reveal()).toThrow(
      `the secret file \`${file}\` cannot be read (ENOENT): check the path, and that the user the service runs as may read it`,
    );
    await writeFile(file, ' \n');
    expect(() => secret.reveal()).toThrow(`the secret file \`${file}\` is empty`);
    await writeFile(file, 'key-2');
    expect(secret.reveal()).toBe('key-2');
  });

  it('cannot be a folder', async () => {
    await using folder = await aFolder();

    expect(() => secretFromFile(folder.path).reveal()).toThrow(/cannot be read \(EISDIR\)/u);
  });
});

describe('a secret in the environment', () => {
  it('is the value of the variable, without the white space around it', () => {
    expect(secretFromEnvironment('${PD_KEY}', { PD_KEY: ' key-1\n' }).reveal()).toBe('key-1');
  });

  it.each([{}, { PD_KEY: '' }, { PD_KEY: ' \n' }, { OTHER: 'key' }])('is missing from %j', (environment) => {
    const secret = secretFromEnvironment('${PD_KEY}', environment);

    expect(() => secret.reveal()).toThrow(ConfigError);
    expect(() => secret.reveal()).toThrow('the environment variable `PD_KEY` is not set or empty');
  });
});

describe('a secret that is printed', () => {
  const secret = secretFromEnvironment('${PD_KEY}', { PD_KEY: 'hush' });

  it.each<[string, (secret: Secret) => string]>([
    ['as JSON', (it) => JSON.stringify({ it })],
    ['in a template', (it) => `key ${it.toString()}`],
    ['as a string', String],
    ['by util.inspect', (it) => inspect(it)],
    ['deep in an object by inspect', (it) => inspect({ a: { b: [it] } }, { showHidden: true, depth: null })],
    ['by console', (it) => format('%s %o %O %j', it, it, it, it)],
    ['in a list', (it) => [it].join()],
    ['by its properties', (it) => JSON.stringify(Object.entries(it)) + JSON.stringify(Object.assign({}, it))],
  ])('%s shows nothing', (_, print) => {
    expect(print(secret)).not.toContain('hush');
  });

  it('says that it was there', () => {
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(inspect({ secret })).toBe('{ secret: [redacted] }');
  });
});
