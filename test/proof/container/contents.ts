import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { containerName, engine, podman } from './engine.ts';
import { finished, type Finished } from './tools.ts';

/** Numbers of machines in the ELF format (`e_machine`), by what Node calls them. */
export const ELF_MACHINES = { x64: 62, arm64: 183 } as const;

/** The files of an image, unpacked for as long as `use` looks at them. Nothing of the image is run. */
export async function withContents<T>(image: string, use: (folder: string) => Promise<T>): Promise<T> {
  const name = containerName();
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-contents-'));
  try {
    const archive = join(folder, 'image.tar');
    const contents = join(folder, 'contents');
    succeeded(await podman(engine('create', '--pull=never', `--name=${name}`, image)));
    succeeded(await podman(engine('export', '--output', archive, name)));
    await mkdir(contents);
    succeeded(await finished('tar', ['--extract', '--file', archive, '--directory', contents]));
    return await use(contents);
  } finally {
    await podman(engine('rm', '--force', '--ignore', '--volumes', name));
    await rm(folder, { recursive: true });
  }
}

/**
 * Paths of all files below a folder, relative to it and sorted. Links are not followed: `/dev/fd` of an image would lead to the
 * open files of this process.
 */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(relative(folder, path));
    }
  }
  return files.sort();
}

/** What all files below a folder hold and are called, as one digest. */
export async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesBelow(folder)) {
    hash.update(`${file}\0`);
    hash.update(
      createHash('sha256')
        .update(await readFile(join(folder, file)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

/** The files below a folder that hold machine code, with the machine it is for. */
export async function machineCode(folder: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const file of await filesBelow(folder)) {
    const machine = await machineOf(join(folder, file));
    if (machine !== null) found.set(file, machine);
  }
  return found;
}

/** `e_machine` of an ELF file; null for a file that is none. */
async function machineOf(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(20);
    await file.read(header, 0, header.length, 0);
    return header.toString('latin1', 0, 4) === '\u007fELF' ? header.readUInt16LE(18) : null;
  } finally {
    await file.close();
  }
}

function succeeded({ code, stderr }: Finished): void {
  if (code !== 0) throw new Error(stderr);
}
