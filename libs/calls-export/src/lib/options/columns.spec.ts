import { EXPORT_COLUMNS } from '../formats/export-columns';
import { type CallsExportColumn, viewsOf } from './columns';

const KEYS = EXPORT_COLUMNS.map(({ key }) => key);
const standard = (key: string) => EXPORT_COLUMNS.find((column) => column.key === key);
const PRICE = { key: 'price', property: 'price', kind: 'decimal' } as const;

/** Resolves one column of the default view. */
const column = (of: CallsExportColumn) => viewsOf([of], {}, true).get('default')?.[0];

describe('viewsOf', () => {
  it('returns the standard columns by default, without those of assistants if there are none', () => {
    expect(viewsOf(undefined, {}, true)).toEqual(new Map([['default', EXPORT_COLUMNS]]));
    const keys = viewsOf(undefined, {}, false)
      .get('default')
      ?.map(({ key }) => key);
    expect(keys).toEqual(KEYS.filter((key) => key !== 'assistant_name'));
  });

  it('returns the given columns of each view in order', () => {
    const views = viewsOf(['status', 'id'], { analyst: ['id'], all: ['assistant_name'] }, true);
    const keys = [...views].map(([name, columns]) => [name, columns.map(({ key }) => key)]);
    expect(keys).toEqual([
      ['default', ['status', 'id']],
      ['analyst', ['id']],
      ['all', ['assistant_name']],
    ]);
  });

  it('accepts columns of calls if there are no assistants', () => {
    expect(viewsOf(['id'], {}, false).get('default')).toEqual([column('id')]);
  });

  it.each<[unknown, object, boolean, string]>([
    [[], {}, true, 'columns must be a list of at least one column, got []'],
    ['id', {}, true, "columns must be a list of at least one column, got 'id'"],
    [
      ['id'],
      { a: { id: { title: 'Number' } } },
      true,
      'views.a must be a list of at least one column, got { id: [Object] }',
    ],
    [
      ['id'],
      { a: [['x', ['y']]] },
      true,
      "views.a must have a key for each column, got [ 'x', [Array] ]",
    ],
    [
      ['id'],
      { default: ['id'] },
      true,
      'views cannot define the view default: the option columns defines it',
    ],
    [['id', 'status', 'status'], {}, true, 'columns has the column status twice'],
    [
      ['id', 'assistant_name'],
      {},
      false,
      'columns has the assistant column assistant_name, but assistants is false',
    ],
    [
      ['id'],
      { a: [{ ...PRICE, of: 'assistant' }] },
      false,
      'views.a has the assistant column price, but assistants is false',
    ],
  ])('rejects the columns %j with the views %j (case %#)', (columns, views, hasThem, why) => {
    const making = () => viewsOf(columns as never, views as never, hasThem);
    expect(making).toThrow(new Error(`CallsExportModule option ${why}`));
  });
});

describe('a standard column', () => {
  const mask = () => null;

  it.each<[string, CallsExportColumn, object]>([
    ['its key alone', 'id', {}],
    ['an object with its key', { key: 'id' }, {}],
    ['another title', { key: 'id', title: 'Number' }, { title: 'Number' }],
    ['another description', { key: 'id', description: 'Ours' }, { description: 'Ours' }],
    ['its own kind', { key: 'id', kind: 'integer' }, {}],
    ['another kind', { key: 'id', kind: 'text' }, { kind: 'text', examples: undefined }],
    ['a mask', { key: 'id', mask }, { mask, examples: undefined }],
    ['an example', { key: 'id', example: 7 }, { examples: [7, 7] }],
    ['a null example', { key: 'id', example: null }, { examples: [null, null] }],
    [
      'another kind and an example of it',
      { key: 'id', kind: 'text', example: 'a' },
      { kind: 'text', examples: ['a', 'a'] },
    ],
    ['undefined members', { key: 'id', of: undefined, property: undefined } as never, {}],
  ])('accepts %s', (_, given, changes) => {
    expect(column(given)).toEqual({ ...standard('id'), mask: undefined, ...changes });
  });

  it('is replaced by an own column if property is set', () => {
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

describe('an own column', () => {
  it('is of a call and has its key as its title by default', () => {
    expect(column(PRICE)).toEqual({
      key: 'price',
      title: 'price',
      of: 'call',
      field: 'decimal price',
      property: 'price',
      kind: 'decimal',
    });
  });

  it('keeps every given member', () => {
    const given = {
      key: 'team',
      title: 'Team',
      property: 'team.name',
      of: 'assistant',
      kind: 'text',
      mask: () => '?',
      description: 'The team',
    } as const;
    expect(column({ ...given, example: 'Blue' })).toEqual({
      ...given,
      field: 'text team.name',
      examples: ['Blue', 'Blue'],
    });
  });
});

describe('a column', () => {
  const own = (changes: object) => ({ ...PRICE, ...changes });
  const incomplete =
    'has an incomplete column price: property and kind are required, and of must be call or assistant';
  const of = 'has the standard column id with of but without property. Accepted without property: key, title, kind, mask, description, example'; // prettier-ignore

  it.each<[unknown, string]>([
    [null, 'must have a key for each column, got null'],
    [5, 'must have a key for each column, got 5'],
    ['', "must have a key for each column, got ''"],
    [{ key: 5 }, 'must have a key for each column, got { key: 5 }'],
    [{ key: ['a'] }, 'must have a key for each column, got { key: [Array] }'],
    [
      own({ nullable: true }),
      'has a column price with unknown member nullable. Accepted: key, title, property, of, kind, mask, description, example',
    ],
    [own({ title: '' }), 'has a column price whose title is not a non-empty string'],
    [own({ title: 5 }), 'has a column price whose title is not a non-empty string'],
    [own({ mask: 'x' }), 'has a column price whose mask is not a function'],
    [
      own({ kind: 'date' }),
      'has a column price of unknown kind date. Accepted: integer, decimal, boolean, text, time',
    ],
    [{ key: 'id', of: 'call' }, of],
    [{ key: 'id', property: undefined, of: 'assistant' }, of],
    [
      'price',
      `has the column price, which is not a standard column (${KEYS.join(', ')}): set its property and kind`,
    ],
    [own({ property: '' }), incomplete],
    [own({ property: 5 }), incomplete],
    [own({ kind: undefined }), incomplete],
    [own({ of: 'account' }), incomplete],
  ])('is rejected if it is %j (case %#)', (invalid, why) => {
    expect(() => column(invalid as never)).toThrow(
      new Error(`CallsExportModule option columns ${why}`),
    );
  });

  it.each([
    ['integer', [1, -5, 0], [1.5, '1', true, NaN]],
    ['decimal', ['1', '-12.50', 1.5, 0], ['x', '1.', '.5', '1,5', '--1', '1.5.', ' 1', '1 ', true]],
    ['boolean', [true, false], [1, 'true']],
    ['text', ['a', ''], [5, false]],
    ['time', ['2023-10-30T10:00:00'], [5, true]],
  ])('of kind %s accepts only examples of that kind', (kind, valid, invalid) => {
    for (const example of [...valid, null]) {
      expect(column(own({ kind, example }) as never)?.examples).toEqual([example, example]);
    }
    for (const example of invalid) {
      const shown = typeof example === 'string' ? `'${example}'` : String(example);
      expect(() => column(own({ kind, example }) as never)).toThrow(
        new Error(
          `CallsExportModule option columns has a column price whose example is not of kind ${kind}: ${shown}`,
        ),
      );
    }
  });
});
