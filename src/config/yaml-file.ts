import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { ConfigError, unreadable } from './config-error.ts';
import type { Problem } from './problem.ts';
import { yamlInWords } from './yaml-words.ts';
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
