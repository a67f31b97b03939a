"""The invented world behind the sample exports, and the code that writes these. It shares no code with linkgap."""
