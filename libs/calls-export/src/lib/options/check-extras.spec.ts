import { EntitySchema } from 'typeorm';
import { checkAsyncOptions, checkExtras, EXTRAS } from './check-extras';
import { statusesOf } from './statuses';

class Entity {}
const schema = new EntitySchema({ name: 'calls', columns: {} });
const work = () => undefined;
const MAPPING = 'an object with an entity and, where they differ, its properties, ';
const NO_MAPPINGS = [
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
  it.each<[name: string, accepted: unknown[], refused: unknown[], what: string]>([
    ['path', ['calls/export'], ['', 5, null], 'a path such as calls/export'],
    [
      'guards',
      [[], [Entity, { canActivate: work }]],
      ['jwt', ['jwt'], [Entity, {}], [null], [undefined], [{ canActivate: true }], null],
      'a list of guards, which are classes or objects with canActivate',
    ],
    ['decorators', [[], [work]], [work, [work, 'x'], null], 'a list of decorators'],
    ['securityScheme', ['bearer'], ['', 5, null], 'the name of a security scheme'],
    ['imports', [[], [Entity]], [Entity, 'x', null], 'a list of modules'],
    [
      'dataSource',
      ['archive', work, Entity, { token: 'x' }, { token: Symbol('x') }, { token: Entity }],
      ['', 5, null, {}, { token: '' }, { token: 5 }, { token: null }],
      "the name of a DataSource, { token } or a function that gives a request's",
    ],
    ['name', ['archive'], ['', 5, null], 'a text that is not empty'],
    [
      'statuses',
      [[], ['voicemail'], { only: ['busy'] }],
      ['busy', null, 5, [''], ['busy', 5], {}, { only: [] }, { only: ['busy', ''] }, { only: 'x' }],
      'a list of texts that are not empty, or { only } with such a list of at least one text',
    ],
    [
      'calls',
      [
        { entity: Entity },
        { entity: schema, properties: { id: 'number' } },
        { entity: Entity, idsGrow: true },
        { entity: Entity, idsGrow: false },
      ],
      [...NO_MAPPINGS, false, { entity: Entity, idsGrow: 1 }, { entity: Entity, idsGrow: null }],
      `${MAPPING}and with idsGrow true or false`,
    ],
    [
      'assistants',
      [false, { entity: Entity }, { entity: schema, properties: { name: 'title' } }],
      [...NO_MAPPINGS, true],
      `${MAPPING}or false`,
    ],
    ['columns', [[], ['id']], ['id', {}, null], 'a list of columns'],
    [
      'views',
      [{}, { a: [] }],
      [[], 'x', null, work],
      'an object with lists of columns by their names',
    ],
  ])('takes for %s what it may be', (name, accepted, refused, what) => {
    for (const value of accepted) expect(() => checkExtras({ [name]: value })).not.toThrow();
    for (const value of refused) {
      expect(() => checkExtras({ [name]: value })).toThrow(
        `CallsExportModule's option ${name} must be ${what}, not `,
      );
    }
  });

  it('leaves the other options to the one that checks them', () => {
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
  ])('takes %s', (name) => {
    expect(() => checkAsyncOptions({ [name]: work })).not.toThrow();
  });

  it('takes nothing that the factory gives', () => {
    expect(() => checkAsyncOptions({ useFactory: work, pageSize: 5 })).toThrow(
      new Error(
        'CallsExportModule takes no option pageSize beside its factory, but path, guards, decorators, securityScheme, imports, ' +
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
  ])('of %j are each had once', (option, statuses) => {
    expect(statusesOf(option)).toEqual(statuses);
  });
});
