import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from '../../entities/column-use';
import { COLUMN_KINDS } from '../../model/export-column';
import type { ExportedValue } from './dialect';
import { hydrate } from './hydrate';

/** Records the columns that the driver is called with. */
const seen: { type: unknown; name: string }[] = [];
const dataSource = {
  driver: {
    prepareHydratedValue: (value: unknown, { type, propertyName }: ColumnMetadata) => {
      seen.push({ type, name: propertyName });
      return typeof value === 'string' ? value.toUpperCase() : value;
    },
  },
} as unknown as DataSource;

const column = (type?: unknown) => ({ type, propertyName: 'name' }) as unknown as ColumnMetadata;
const read = (exported: ExportedValue, value: unknown, type: unknown = 'varchar') =>
  hydrate(exported, column(type), dataSource)(value);

beforeEach(() => void (seen.length = 0));

describe('hydrate', () => {
  it("converts the driver's value to a cell", () => {
    expect(read({ kind: 'text' }, 'a')).toBe('A');
    expect(read({ kind: 'integer' }, '7')).toBe(7);
    expect(read({ kind: 'integer' }, 'a')).toBeUndefined();
    expect(read({ kind: 'text' }, null)).toBeNull();
    expect(seen).toEqual(Array(4).fill({ type: 'varchar', name: 'name' }));
  });

  it.each(COLUMN_KINDS)('assumes the type of the kind %s for a column without a type', (kind) => {
    read({ kind }, null, '');
    hydrate({ kind }, column(), dataSource)(null);
    expect(seen).toEqual(Array(2).fill({ type: kind === 'time' ? Date : '', name: 'name' }));
    const untyped = column('');
    hydrate({ kind }, untyped, dataSource)(null);
    expect(untyped.type).toBe('');
  });

  it("masks the driver's value, but not null or undefined", () => {
    const masked: unknown[] = [];
    const mask = (value: unknown) => {
      masked.push(value);
      return 'masked';
    };
    expect(read({ kind: 'text', mask }, 'a')).toBe('masked');
    expect(read({ kind: 'text', mask }, 0)).toBe('masked');
    expect(read({ kind: 'text', mask }, null)).toBeNull();
    expect(read({ kind: 'text', mask }, undefined)).toBeNull();
    expect(masked).toEqual(['A', 0]);
    expect(seen).toHaveLength(4);
    expect(read({ kind: 'text', mask: () => null }, 'a')).toBeNull();
    expect(read({ kind: 'integer', mask }, 'a')).toBeUndefined();
  });
});
