import type { YAMLParseError } from 'yaml';

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
export function yamlInWords(
  { code, message }: Pick<YAMLParseError, 'code' | 'message'>,
  rest: string,
): string {
  if (code === 'DUPLICATE_KEY') {
    return `\`${/^[^:\s]+/u.exec(rest)?.[0] ?? ''}\` is there twice in one section: keep one of the two`;
  }
  if (code === 'BAD_INDENT' && message.startsWith('Flow'))
    return 'a bracket is not closed: close it with ] or }';
  return WORDS[code] ?? `it is no YAML (${message.trim()})`;
}
