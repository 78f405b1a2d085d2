import type { CanActivate } from '@nestjs/common';
import { InstanceChecker } from 'typeorm';
import type { MappedEntity } from '../entities/mapped-entity';
import { CSV_DELIMITERS } from '../formats/file-format';
import { EXPORT_PARAMETERS } from '../model/export-parameters';
import type { Rules } from './check-options';
import { safeFileName } from './file-name';

type Rule = Rules<Record<string, unknown>>[string];

/** The maximum of every option in seconds. */
export const MAX_SECONDS = 86_400;

export function integer(max: number): Rule {
  return [
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max,
    `an integer from 1 to ${max}`,
  ];
}

export function seconds(min: number): Rule {
  return [(value) => isSeconds(value, min), `a number of seconds from ${min} to ${MAX_SECONDS}`];
}

export function isSeconds(value: unknown, min: number): boolean {
  return typeof value === 'number' && value >= min && value <= MAX_SECONDS;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isFileName(value: unknown): boolean {
  return (
    typeof value === 'function' || (typeof value === 'string' && safeFileName(value) === value)
  );
}

export function areHostParameters(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((name) => isText(name) && !EXPORT_PARAMETERS.includes(name))
  );
}

export function isGuard(value: unknown): boolean {
  return (
    typeof (value as CanActivate | null)?.canActivate === 'function' || typeof value === 'function'
  );
}

export function isMapping(value: unknown): boolean {
  const { entity, properties = {} } = (value ?? {}) as Partial<MappedEntity<string>>;
  const isEntity = typeof entity === 'function' || InstanceChecker.isEntitySchema(entity);
  return isEntity && Object.values(properties).every(isText);
}

export function isDelimiter(value: unknown): boolean {
  return (CSV_DELIMITERS as readonly unknown[]).includes(value);
}

export function isTokenHolder(value: unknown): boolean {
  const { token } = (value ?? {}) as { token?: unknown };
  return isText(token) || typeof token === 'symbol' || typeof token === 'function';
}
