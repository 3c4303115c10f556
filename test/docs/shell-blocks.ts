/** How a block of commands is to be taken; said in an HTML comment above it, `<!-- sh: … -->`, unless it can simply be run. */
export type Treatment =
  | { readonly kind: 'run' }
  /** Run while the service runs. */
  | { readonly kind: 'while-running' }
  /** Starts the service, which does not end by itself. */
  | { readonly kind: 'service' }
  /** Typed in order, from an empty folder, by the walks of these paths (`npm run walk`). */
  | { readonly kind: 'walked'; readonly paths: readonly string[] }
  /** Part of what CI runs anyway. */
  | { readonly kind: 'ci' }
  | { readonly kind: 'not-run'; readonly reason: string };

export interface ShellBlock {
  /** Of the line that opens the block, counted from 1. */
  readonly line: number;
  readonly commands: string;
  readonly treatment: Treatment;
}

const OPENING = /^(\s*)```(?:sh|bash|shell|console)\s*$/u;
const MARK = /^\s*<!-- sh: (.*) -->\s*$/u;

/** Every block of shell commands in a Markdown text, in order. Throws for a mark that means nothing. */
export function shellBlocks(markdown: string): readonly ShellBlock[] {
  const lines = markdown.split('\n');
  return lines.flatMap((text, at) => {
    const opening = OPENING.exec(text);
    if (opening === null) return [];
    const indent = opening[1]?.length ?? 0;
    const end = lines.findIndex((line, index) => index > at && line.trim() === '```');
    const commands = lines.slice(at + 1, end).map((line) => line.slice(indent));
    const above = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
    return [{ line: at + 1, commands: commands.join('\n'), treatment: treatmentOf(MARK.exec(above)?.[1]) }];
  });
}

function treatmentOf(mark: string | undefined): Treatment {
  if (mark === undefined) return { kind: 'run' };
  if (mark === 'while the service runs') return { kind: 'while-running' };
  if (mark === 'service') return { kind: 'service' };
  if (mark === 'run by .ci/run') return { kind: 'ci' };
  const paths = /^walked: ([\w, ]+)$/u.exec(mark)?.[1];
  if (paths !== undefined) return { kind: 'walked', paths: paths.split(', ') };
  const reason = /^not run: (.{10,})$/u.exec(mark)?.[1];
  if (reason === undefined) throw new Error(`the mark \`${mark}\` above a block of commands means nothing`);
  return { kind: 'not-run', reason };
}
