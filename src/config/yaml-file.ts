import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document, type YAMLParseError } from 'yaml';
import { ConfigError, unreadable } from './config-error.ts';
import type { Problem } from './problem.ts';
import { messageOf } from '../core/values/cause.ts';

/** A YAML file as data, and where in it things stand. */
export interface YamlFile {
  readonly data: unknown;
  /** The line of the innermost part of the path that the file has; null where it has none of it. */
  readonly lineOf: (path: Problem['path']) => number | null;
}

/** Reads the file at `path`, called `what` and `shown` in messages. Throws ConfigError. */
export function readYamlFile(path: string, { what, shown }: { what: string; shown: string }): YamlFile {
  const lines = new LineCounter();
  const text = textOf(path, what);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const { line } = lines.linePos(syntax.pos[0]);
    throw new ConfigError(
      `${shown}: line ${line}: the file cannot be read: ${yamlInWords(syntax, text.slice(syntax.pos[0]))}`,
    );
  }
  return { data: dataOf(document, shown), lineOf: (at) => lineOf(at, document, lines) };
}

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(what, path, error);
  }
}

/** Anchors are followed only here: one that is missing, or so many that they were meant to exhaust us, come to light late. */
function dataOf(document: Document, shown: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError(`${shown}: the file cannot be read: ${messageOf(error)}`);
  }
}

function lineOf(path: Problem['path'], document: Document, lines: LineCounter): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

const INDENTED = 'it is indented otherwise than the lines above it: keys of one section begin in one column';

const WORDS: Partial<Record<YAMLParseError['code'], string>> = {
  TAB_AS_INDENT: 'a tab stands where the line is indented: use spaces',
  MULTIPLE_DOCS: 'a second document begins at `---`: one file holds one',
  BLOCK_AS_IMPLICIT_KEY:
    'two keys stand on one line, or a text has a colon in it: begin a new line, or put the text in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key lacks its value, or the space after its colon: write `key: value`',
  BAD_SCALAR_START: 'a text begins with a character that means something else in YAML: put it in quotes',
  BAD_DQ_ESCAPE: 'a backslash stands within double quotes: use single quotes, or write it twice',
  MISSING_CHAR: 'a quote or bracket is not closed: close it',
  BAD_INDENT: INDENTED,
  UNEXPECTED_TOKEN: INDENTED,
};

/** What is wrong with the YAML, for whoever wrote it; the parser's own words are for those who know the standard. */
function yamlInWords({ code, message }: Pick<YAMLParseError, 'code' | 'message'>, rest: string): string {
  if (code === 'DUPLICATE_KEY') {
    return `\`${/^[^:\s]+/u.exec(rest)?.[0] ?? ''}\` is there twice in one section: keep one of the two`;
  }
  if (code === 'BAD_INDENT' && message.startsWith('Flow'))
    return 'a bracket is not closed: close it with ] or }';
  return WORDS[code] ?? `it is no YAML (${message.trim()})`;
}
