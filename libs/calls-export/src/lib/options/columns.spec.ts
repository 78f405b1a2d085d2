import { EXPORT_COLUMNS } from '../formats/export-columns';
import { type CallsExportColumn, viewsOf } from './columns';

const KEYS = EXPORT_COLUMNS.map(({ key }) => key);
const standard = (key: string) => EXPORT_COLUMNS.find((column) => column.key === key);
const PRICE = { key: 'price', property: 'price', kind: 'decimal' } as const;

/** The only column of a view. */
const column = (of: CallsExportColumn) => viewsOf([of], {}, true).get('default')?.[0];

describe('viewsOf', () => {
  it('has the standard columns by default, and those of assistants where there are some', () => {
    expect(viewsOf(undefined, {}, true)).toEqual(new Map([['default', EXPORT_COLUMNS]]));
    const keys = viewsOf(undefined, {}, false)
      .get('default')
      ?.map(({ key }) => key);
    expect(keys).toEqual(KEYS.filter((key) => key !== 'assistant_name'));
  });

  it('has the columns that are named, in their order, and those of each view', () => {
    const views = viewsOf(['status', 'id'], { analyst: ['id'], all: ['assistant_name'] }, true);
    const keys = [...views].map(([name, columns]) => [name, columns.map(({ key }) => key)]);
    expect(keys).toEqual([
      ['default', ['status', 'id']],
      ['analyst', ['id']],
      ['all', ['assistant_name']],
    ]);
  });

  it('has columns of calls where there are no assistants', () => {
    expect(viewsOf(['id'], {}, false).get('default')).toEqual([column('id')]);
  });

  it.each<[unknown, object, boolean, string]>([
    [[], {}, true, 'columns must be a list of columns, not []'],
    ['id', {}, true, "columns must be a list of columns, not 'id'"],
    [
      ['id'],
      { a: { id: { title: 'Number' } } },
      true,
      'views.a must be a list of columns, not { id: [Object] }',
    ],
    [
      ['id'],
      { a: [['x', ['y']]] },
      true,
      "views.a must have columns with a key, not [ 'x', [Array] ]",
    ],
    [
      ['id'],
      { default: ['id'] },
      true,
      'views may not name default, which is the view of the option columns',
    ],
    [['id', 'status', 'status'], {}, true, 'columns has the column status twice'],
    [
      ['id', 'assistant_name'],
      {},
      false,
      'columns has assistant_name, a column of assistants, but assistants is false',
    ],
    [
      ['id'],
      { a: [{ ...PRICE, of: 'assistant' }] },
      false,
      'views.a has price, a column of assistants, but assistants is false',
    ],
  ])('refuses the columns %j with the views %j (case %#)', (columns, views, hasThem, why) => {
    const making = () => viewsOf(columns as never, views as never, hasThem);
    expect(making).toThrow(new Error(`CallsExportModule's option ${why}`));
  });
});

describe('a standard column', () => {
  const mask = () => null;

  it.each<[string, CallsExportColumn, object]>([
    ['by its key alone', 'id', {}],
    ['in an object', { key: 'id' }, {}],
    ['with another title', { key: 'id', title: 'Number' }, { title: 'Number' }],
    ['with another description', { key: 'id', description: 'Ours' }, { description: 'Ours' }],
    ['with its own kind', { key: 'id', kind: 'integer' }, {}],
    ['of another kind', { key: 'id', kind: 'text' }, { kind: 'text', examples: undefined }],
    ['with a mask', { key: 'id', mask }, { mask, examples: undefined }],
    ['with an example', { key: 'id', example: 7 }, { examples: [7, 7] }],
    ['with no value as an example', { key: 'id', example: null }, { examples: [null, null] }],
    [
      'with an example of another kind',
      { key: 'id', kind: 'text', example: 'a' },
      { kind: 'text', examples: ['a', 'a'] },
    ],
    ['with what is undefined', { key: 'id', of: undefined, property: undefined } as never, {}],
  ])('is had %s', (_, asked, changes) => {
    expect(column(asked)).toEqual({ ...standard('id'), mask: undefined, ...changes });
  });

  it('is another column where a property says which one has it', () => {
    expect(column({ key: 'id', property: 'number', kind: 'text' })).toEqual({
      key: 'id',
      title: 'id',
      of: 'call',
      field: 'text number',
      property: 'number',
      kind: 'text',
    });
  });
});

describe("a host's own column", () => {
  it('is of a call, and has its key for its title', () => {
    expect(column(PRICE)).toEqual({
      key: 'price',
      title: 'price',
      of: 'call',
      field: 'decimal price',
      property: 'price',
      kind: 'decimal',
    });
  });

  it('has what the host says', () => {
    const said = {
      key: 'team',
      title: 'Team',
      property: 'team.name',
      of: 'assistant',
      kind: 'text',
      mask: () => '?',
      description: 'The team',
    } as const;
    expect(column({ ...said, example: 'Blue' })).toEqual({
      ...said,
      field: 'text team.name',
      examples: ['Blue', 'Blue'],
    });
  });
});

describe('a column', () => {
  const own = (more: object) => ({ ...PRICE, ...more });
  const incomplete =
    'must say of price its property, its kind and whether it is of a call or an assistant';
  const of = "has the standard column id with of: it takes key, title, kind, mask, description, example, unless property says which one has it"; // prettier-ignore

  it.each<[unknown, string]>([
    [null, 'must have columns with a key, not null'],
    [5, 'must have columns with a key, not 5'],
    ['', "must have columns with a key, not ''"],
    [{ key: 5 }, 'must have columns with a key, not { key: 5 }'],
    [{ key: ['a'] }, 'must have columns with a key, not { key: [Array] }'],
    [
      own({ nullable: true }),
      'has a column price with nullable: a column has key, title, property, of, kind, mask, description, example',
    ],
    [own({ title: '' }), 'has a column price without a title'],
    [own({ title: 5 }), 'has a column price without a title'],
    [own({ mask: 'x' }), 'has a column price whose mask is not a function'],
    [
      own({ kind: 'date' }),
      'has a column price of the kind date, not of integer, decimal, boolean, text, time',
    ],
    [{ key: 'id', of: 'call' }, of],
    [{ key: 'id', property: undefined, of: 'assistant' }, of],
    [
      'price',
      `has price, which is no standard column (${KEYS.join(', ')}): say by property which one has it`,
    ],
    [own({ property: '' }), incomplete],
    [own({ property: 5 }), incomplete],
    [own({ kind: undefined }), incomplete],
    [own({ of: 'account' }), incomplete],
  ])('is refused as %j (case %#)', (wrong, why) => {
    expect(() => column(wrong as never)).toThrow(
      new Error(`CallsExportModule's option columns ${why}`),
    );
  });

  it.each([
    ['integer', [1, -5, 0], [1.5, '1', true, NaN]],
    ['decimal', ['1', '-12.50', 1.5, 0], ['x', '1.', '.5', '1,5', '--1', '1.5.', ' 1', '1 ', true]],
    ['boolean', [true, false], [1, 'true']],
    ['text', ['a', ''], [5, false]],
    ['time', ['2023-10-30T10:00:00'], [5, true]],
  ])('of the kind %s has examples of it', (kind, right, wrong) => {
    for (const example of [...right, null]) {
      expect(column(own({ kind, example }) as never)?.examples).toEqual([example, example]);
    }
    for (const example of wrong) {
      const shown = typeof example === 'string' ? `'${example}'` : String(example);
      expect(() => column(own({ kind, example }) as never)).toThrow(
        new Error(
          `CallsExportModule's option columns has a column price whose example is no ${kind}: ${shown}`,
        ),
      );
    }
  });
});
