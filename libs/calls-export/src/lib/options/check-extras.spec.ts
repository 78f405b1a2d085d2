import { EntitySchema } from 'typeorm';
import { checkAsyncOptions, checkExtras, EXTRAS } from './check-extras';
import { statusesOf } from './statuses';

class Entity {}
const schema = new EntitySchema({ name: 'calls', columns: {} });
const work = () => undefined;
const MAPPING = 'an object with entity and, optionally, properties';
const INVALID_MAPPINGS = [
  null,
  5,
  Entity,
  {},
  { entity: 'calls' },
  { entity: {} },
  { entity: Entity, properties: { id: '' } },
  { entity: Entity, properties: { id: 'number', callSid: 5 } },
];

describe('checkExtras', () => {
  it.each<[name: string, accepted: unknown[], rejected: unknown[], rule: string]>([
    ['path', ['calls/export'], ['', 5, null], 'a path such as calls/export'],
    [
      'guards',
      [[], [Entity, { canActivate: work }]],
      ['jwt', ['jwt'], [Entity, {}], [null], [undefined], [{ canActivate: true }], null],
      'a list of guards: classes, or objects with canActivate',
    ],
    ['decorators', [[], [work]], [work, [work, 'x'], null], 'a list of decorators'],
    ['securityScheme', ['bearer'], ['', 5, null], 'the name of a security scheme'],
    ['imports', [[], [Entity]], [Entity, 'x', null], 'a list of modules'],
    [
      'dataSource',
      ['archive', work, Entity, { token: 'x' }, { token: Symbol('x') }, { token: Entity }],
      ['', 5, null, {}, { token: '' }, { token: 5 }, { token: null }],
      'the name of a DataSource, { token }, or a function that returns a DataSource for a request',
    ],
    ['name', ['archive'], ['', 5, null], 'a non-empty string'],
    [
      'statuses',
      [[], ['voicemail'], { only: ['busy'] }],
      ['busy', null, 5, [''], ['busy', 5], {}, { only: [] }, { only: ['busy', ''] }, { only: 'x' }],
      'a list of non-empty strings, or { only } with at least one such string',
    ],
    [
      'calls',
      [
        { entity: Entity },
        { entity: schema, properties: { id: 'number' } },
        { entity: Entity, idsGrow: true },
        { entity: Entity, idsGrow: false },
      ],
      [
        ...INVALID_MAPPINGS,
        false,
        { entity: Entity, idsGrow: 1 },
        { entity: Entity, idsGrow: null },
      ],
      `${MAPPING} and idsGrow (true or false)`,
    ],
    [
      'assistants',
      [false, { entity: Entity }, { entity: schema, properties: { name: 'title' } }],
      [...INVALID_MAPPINGS, true],
      `false, or ${MAPPING}`,
    ],
    ['columns', [[], ['id']], ['id', {}, null], 'a list of columns'],
    ['views', [{}, { a: [] }], [[], 'x', null, work], 'an object of lists of columns by view name'],
  ])('accepts only valid values of %s', (name, accepted, rejected, rule) => {
    for (const value of accepted) expect(() => checkExtras({ [name]: value })).not.toThrow();
    for (const value of rejected) {
      expect(() => checkExtras({ [name]: value })).toThrow(
        `CallsExportModule option ${name} must be ${rule}, got `,
      );
    }
  });

  it('ignores options that are not extras', () => {
    expect(() => checkExtras({ pageSize: 'x', toString: 5 } as never)).not.toThrow();
    expect(() => checkExtras({ pageSize: 5, path: '' } as never)).toThrow('option path must be');
  });
});

describe('checkAsyncOptions', () => {
  it.each([
    ...EXTRAS,
    'useFactory',
    'useClass',
    'useExisting',
    'inject',
    'provideInjectionTokensFrom',
  ])('accepts %s', (name) => {
    expect(() => checkAsyncOptions({ [name]: work })).not.toThrow();
  });

  it('rejects an option that the factory must return', () => {
    expect(() => checkAsyncOptions({ useFactory: work, pageSize: 5 })).toThrow(
      new Error(
        'CallsExportModule.forRootAsync does not accept option pageSize next to its factory. Accepted there: path, guards, decorators, securityScheme, imports, ' +
          'dataSource, name, statuses, calls, assistants, columns, views',
      ),
    );
  });
});

describe('statusesOf', () => {
  const standard = 'queued initiated ringing in-progress ongoing completed busy failed no-answer canceled'.split(' '); // prettier-ignore

  it.each<[Parameters<typeof statusesOf>[0], string[]]>([
    [undefined, standard],
    [[], standard],
    [
      ['voicemail', 'busy', 'voicemail'],
      [...standard, 'voicemail'],
    ],
    [{ only: ['b', 'a', 'b'] }, ['b', 'a']],
  ])('returns the statuses of %j without duplicates', (option, statuses) => {
    expect(statusesOf(option)).toEqual(statuses);
  });
});
