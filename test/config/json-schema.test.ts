import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DESCRIPTIONS } from '../../src/config/descriptions.ts';
import { configSchema, placesIn } from '../../src/config/json-schema.ts';

const CONFIG = join(import.meta.dirname, '../../config');

describe('the JSON Schema of the configuration', () => {
  it('is the one beside the example: `oncall-approver schema` prints it', async () => {
    const committed: unknown = JSON.parse(
      await readFile(join(CONFIG, 'oncall-approver.schema.json'), 'utf8'),
    );

    expect(committed).toEqual(configSchema());
  });

  it('is named by the first line of the example, so that editors find it', async () => {
    const [first] = (await readFile(join(CONFIG, 'oncall-approver.example.yaml'), 'utf8')).split('\n');

    expect(first).toBe('# yaml-language-server: $schema=./oncall-approver.schema.json');
  });

  it('describes every place there is, and no other', () => {
    const places = [...new Set(placesIn(configSchema()))];

    expect(places.filter((place) => !(place in DESCRIPTIONS))).toEqual([]);
    expect(Object.keys(DESCRIPTIONS).filter((place) => !places.includes(place))).toEqual([]);
  });

  it('refuses keys that it does not know, as the service does', () => {
    expect(configSchema()).toMatchObject({ type: 'object', additionalProperties: false });
    expect(JSON.stringify(configSchema())).not.toContain('"additionalProperties":true');
  });
});
