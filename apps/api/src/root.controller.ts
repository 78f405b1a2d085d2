import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DOCS_PATH } from './api-document';
import { EXPORT_PATH } from './export-path';

/** Redirects `GET /` to Swagger UI, if that is served. */
@Controller()
@ApiExcludeController()
export class DocsRedirectController {
  @Get()
  @Redirect(`/${DOCS_PATH}`)
  redirect(): void {}
}

/** Serves `GET /` if Swagger UI is disabled: the path of the export, and where to find its documentation. */
@Controller()
@ApiExcludeController()
export class IndexController {
  @Get()
  read(): Record<string, string> {
    return {
      export: `/${EXPORT_PATH}`,
      authorization: 'Bearer token (JWT)',
      documentation: `docs/openapi.json in the source code; at /${DOCS_PATH} if SWAGGER=true`,
    };
  }
}
