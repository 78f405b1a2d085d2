import type { Type } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInstance,
  IsInt,
  IsOptional,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import { DateInterval } from './date-interval';
import { EXPORT_FORMATS, type ExportFormat } from './export-format';

const ASSISTANT_ID_MAX = 2 ** 31 - 1;

/** The query of an export: what each parameter takes. An empty value counts as not given. */
export interface ExportCallsQueryDto {
  readonly format?: ExportFormat;
  readonly status?: string;
  readonly assistant_id?: number;
  readonly date_from?: DateInterval;
  readonly date_to?: DateInterval;
}

/** @param statuses that a call may have. */
export function exportCallsQueryDto(statuses: readonly string[]): Type<ExportCallsQueryDto> {
  class Dto implements ExportCallsQueryDto {
    @Parse(String)
    @IsOptional()
    @IsIn(EXPORT_FORMATS, says(`must be one of ${EXPORT_FORMATS.join(', ')}`))
    format?: ExportFormat;

    @Parse(String)
    @IsOptional()
    @IsIn(statuses, says(`must be one of ${statuses.join(', ')}`))
    status?: string;

    @Parse(parseAssistantId)
    @IsOptional()
    @IsInt(says(`must be a positive integer in decimal digits, at most ${ASSISTANT_ID_MAX}`))
    assistant_id?: number;

    @Parse(DateInterval.parse)
    @IsOptional()
    @IsInstance(DateInterval, says(dateSentence()))
    date_from?: DateInterval;

    @Parse(DateInterval.parse)
    @IsOptional()
    @IsInstance(DateInterval, says(dateSentence()))
    @IsNotBeforeDateFrom()
    date_to?: DateInterval;
  }
  return Dto;
}

/** Leaves what does not parse as it is, for the validator to refuse. */
function Parse(parse: (text: string) => unknown): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === '') return undefined;
    return typeof value === 'string' ? (parse(value) ?? value) : value;
  });
}

function parseAssistantId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : NaN;
  return id >= 1 && id <= ASSISTANT_ID_MAX ? id : undefined;
}

function says(rule: string) {
  return {
    message: ({ property, value }: ValidationArguments) =>
      Array.isArray(value) ? `${property} must be given only once` : `${property} ${rule}`,
  };
}

function dateSentence(): string {
  return (
    'must be a real date in ISO 8601, such as 2023-10-30, 2023-10-30T10:05 or 2023-10-30T10:05:00.5, ' +
    'a time optionally followed by Z or an offset such as +02:00'
  );
}

function IsNotBeforeDateFrom(): PropertyDecorator {
  return ValidateBy({
    name: 'isNotBeforeDateFrom',
    validator: {
      validate: (dateTo: unknown, args) => {
        const dateFrom = (args?.object as ExportCallsQueryDto).date_from;
        if (!(dateFrom instanceof DateInterval && dateTo instanceof DateInterval)) return true;
        return dateFrom.start < dateTo.end;
      },
      defaultMessage: () => 'date_from must not be after date_to',
    },
  });
}
