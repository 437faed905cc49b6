using TransferLearning.Data;

namespace TransferLearning;

/// <summary>The verbs of row sources.</summary>
public static class RowSourceVerbs
{
    /// <summary>
    /// The same rows, read on another thread before they are asked for: neighboring runs, and the batches of a
    /// training's next steps.
    /// </summary>
    /// <param name="rows">The source; it must bear being read on another thread, and stays the caller's.</param>
    /// <param name="batches">How many batches are read ahead, and held in memory, at least 1. Default 2.</param>
    /// <returns>The source to give to a domain; the caller disposes it after every fit that reads from it.</returns>
    public static ReadAheadRows ReadAhead(this IRowSource rows, int batches = 2) => new(rows, batches);
}
