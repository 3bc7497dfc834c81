// Swagger UI wants a line of script, and our content policy allows none inside the page.
const page = document.getElementById("swagger-ui");
SwaggerUIBundle({ url: page.dataset.description, domNode: page, deepLinking: true });
