from tests.integration.service.api.conftest import api, company

__all__ = ["api", "company"]
