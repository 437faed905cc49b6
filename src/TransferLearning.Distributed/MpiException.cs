namespace TransferLearning.Distributed;

/// <summary>MPI is missing, or one of its calls failed; the message names rank and host.</summary>
public sealed class MpiException : Exception
{
    /// <summary>A fault without a message.</summary>
    public MpiException() { }

    /// <summary>A fault.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    public MpiException(string message)
        : base(message) { }

    /// <summary>A fault that follows from another one.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="inner">What it follows from.</param>
    public MpiException(string message, Exception inner)
        : base(message, inner) { }
}
