"""Questions with feedback in the book's pages; `cnncourse.quiz.sphinx` is the Sphinx extension."""
