import { z } from 'zod';
import { DESCRIPTIONS } from './descriptions.ts';
import { ConfigFile } from './schema.ts';

/** A JSON Schema as far as it is gone through here. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly description?: string;
}

/** The JSON Schema of the configuration file, by which editors complete and check it. */
export function configSchema(): object {
  const schema = z.toJSONSchema(ConfigFile, { io: 'input' }) as SchemaNode;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'oncall-approver configuration',
    ...described(schema, ''),
  };
}

/** Every place in the file that can be written to, like `rules.on_call.max_level`; items of lists have the place of the list. */
export function placesIn(schema: object, place = ''): readonly string[] {
  const { properties = {}, items, anyOf = [] } = schema as SchemaNode;
  return [
    ...Object.entries(properties).flatMap(([name, node]) => {
      const own = placeOf(place, name);
      return [own, ...placesIn(node, own)];
    }),
    ...(items === undefined ? [] : placesIn(items, place)),
    ...anyOf.flatMap((node) => placesIn(node, place)),
  ];
}

function described(node: SchemaNode, place: string): SchemaNode {
  const { properties, items, anyOf } = node;
  return {
    ...node,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, child]) => {
              const own = placeOf(place, name);
              const description = DESCRIPTIONS[own];
              return [
                name,
                { ...(description === undefined ? {} : { description }), ...described(child, own) },
              ];
            }),
          ),
        }),
    ...(items === undefined ? {} : { items: described(items, place) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((each) => described(each, place)) }),
  };
}

function placeOf(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
