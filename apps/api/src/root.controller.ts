import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DOCS_PATH } from './api-document';
import { EXPORT_PATH } from './export-path';

/** `GET /` where Swagger UI is served. */
@Controller()
@ApiExcludeController()
export class DocsRedirectController {
  @Get()
  @Redirect(`/${DOCS_PATH}`)
  redirect(): void {}
}

/** `GET /` where Swagger UI is not served: says where the export is, and where it is described. */
@Controller()
@ApiExcludeController()
export class IndexController {
  @Get()
  read(): Record<string, string> {
    return {
      export: `/${EXPORT_PATH}`,
      authorization: 'Bearer, with a JWT',
      documentation: `docs/openapi.json in the source code. With SWAGGER=true the server has it at /${DOCS_PATH}.`,
    };
  }
}
