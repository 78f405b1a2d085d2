import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from '../../entities/column-use';
import type { ColumnKind } from '../../model/export-column';
import { toCell } from '../to-cell';
import type { ExportedValue, RowCell } from './dialect';

/** The assumed column type by kind, if the entity does not declare one. */
const UNTYPED: Readonly<Record<ColumnKind, unknown>> = {
  integer: '',
  decimal: '',
  boolean: '',
  text: '',
  time: Date,
};

/** Returns a function that converts a value as TypeORM does for an entity, then applies the mask. */
export function hydrate(
  { kind, mask }: ExportedValue,
  column: ColumnMetadata,
  { driver }: DataSource,
): RowCell['read'] {
  const typed: ColumnMetadata = (column.type as unknown)
    ? column
    : Object.create(column, { type: { value: UNTYPED[kind] } });
  if (!mask) return (value) => toCell(kind, driver.prepareHydratedValue(value, typed));
  return (value) => {
    const hydrated: unknown = driver.prepareHydratedValue(value, typed);
    return toCell(kind, hydrated === null || hydrated === undefined ? null : mask(hydrated));
  };
}
