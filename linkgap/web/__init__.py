"""What is asked of the web, and only when the user asks: live checks of pages, and the services that sell links."""
