import type { Type } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInstance,
  IsOptional,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import type { IdRule } from '../entities/calls-entities';
import { EXPORT_FORMATS, type ExportFormat } from '../formats/export-formats';
import { TIME_ZONE_RULE, TimeZone } from '../model/time-zone';
import { DateInterval } from './date-interval';
import { idParameter } from './id-parameter';

const DATE_RULE =
  'must be a valid date in ISO 8601 or RFC 3339, such as 2023-10-30, 2023-10-30T10:05 or ' +
  '2023-10-30 10:05:00.5, with an optional Z or offset such as +02:00 after the time';

/**
 * The query of an export. `exportCallsQuery` adds the rules that depend on the host app's calls: those of
 * `status`, `assistant_id` and `after`. An empty value counts as not set.
 */
export class ExportCallsQueryDto {
  @Parse(String)
  @IsOptional()
  @IsIn(EXPORT_FORMATS, withMessage(`must be one of ${EXPORT_FORMATS.join(', ')}`))
  readonly format?: ExportFormat;

  @Parse(String)
  @IsOptional()
  readonly status?: string;

  @IsOptional()
  readonly assistant_id?: number | string;

  @Parse(dateIn)
  @IsOptional()
  @IsInstance(DateInterval, withMessage(DATE_RULE))
  readonly date_from?: DateInterval;

  @Parse(dateIn)
  @IsOptional()
  @IsInstance(DateInterval, withMessage(DATE_RULE))
  @IsNotBeforeDateFrom()
  readonly date_to?: DateInterval;

  /** Applies to dates without an offset and to the times in the file. */
  @Parse(zoneOf)
  @IsOptional()
  @IsInstance(TimeZone, withMessage(TIME_ZONE_RULE))
  readonly timezone?: TimeZone;

  @IsOptional()
  readonly after?: number | string;
}

/**
 * Returns a query class for calls with the given statuses.
 *
 * @param callIds the rule for ids of calls.
 * @param assistantIds the rule for ids of assistants. Undefined if calls have none.
 */
export function exportCallsQuery(
  statuses: readonly string[],
  callIds: IdRule,
  assistantIds: IdRule | undefined,
): Type<ExportCallsQueryDto> {
  class CallsQueryDto extends ExportCallsQueryDto {}
  const { prototype } = CallsQueryDto;
  IsIn(statuses, withMessage(`must be one of ${statuses.join(', ')}`))(prototype, 'status');
  if (assistantIds) IsId(assistantIds)(prototype, 'assistant_id');
  IsId(callIds)(prototype, 'after');
  return CallsQueryDto;
}

function IsId(ids: IdRule): PropertyDecorator {
  const { parse, rule } = idParameter(ids);
  const validate = (id: unknown) =>
    typeof id === 'number' || (typeof id === 'string' && parse(id) !== undefined);
  return (prototype, name) => {
    Parse(parse)(prototype, name);
    ValidateBy({ name: 'isId', validator: { validate } }, withMessage(rule))(prototype, name);
  };
}

/**
 * Parses a parameter. A value that does not parse stays as it is, and the validator rejects it.
 *
 * @param parse is called with the value and the entire unparsed query.
 */
function Parse(parse: (text: string, query: RawQuery) => unknown): PropertyDecorator {
  return Transform(({ value, obj }: { value: unknown; obj: RawQuery }) => {
    if (value === '') return undefined;
    return typeof value === 'string' ? (parse(value, obj) ?? value) : value;
  });
}

type RawQuery = Readonly<Record<string, unknown>>;

/** Parses a time zone. A `+` that was not URL-encoded arrives as a space, and no zone name has a space. */
function zoneOf(name: string): TimeZone | undefined {
  return TimeZone.of(name.replaceAll(' ', '+'));
}

/** Parses a date in the requested zone. Ignores an invalid zone: the validator of `timezone` reports it. */
function dateIn(text: string, { timezone }: RawQuery): DateInterval | undefined {
  return DateInterval.parse(text, typeof timezone === 'string' ? zoneOf(timezone) : undefined);
}

function withMessage(rule: string) {
  return {
    message: ({ property, value }: ValidationArguments) =>
      Array.isArray(value) ? `${property} must be given only once` : `${property} ${rule}`,
  };
}

function IsNotBeforeDateFrom(): PropertyDecorator {
  return ValidateBy({
    name: 'isNotBeforeDateFrom',
    validator: {
      validate: (dateTo: unknown, args) => {
        const { date_from: dateFrom, timezone } = args?.object as ExportCallsQueryDto;
        // The validator of `timezone` reports an invalid zone.
        if (timezone !== undefined && !(timezone instanceof TimeZone)) return true;
        if (!(dateFrom instanceof DateInterval && dateTo instanceof DateInterval)) return true;
        return dateFrom.start < dateTo.end;
      },
      defaultMessage: () => 'date_from must not be after date_to',
    },
  });
}
