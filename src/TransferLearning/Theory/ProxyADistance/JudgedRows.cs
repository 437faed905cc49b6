namespace TransferLearning.Theory;

/// <summary>By which rows a classifier of domains is judged.</summary>
public enum JudgedRows
{
    /// <summary>Half of each domain's rows, drawn by the seed; it is fitted to the others.</summary>
    DrawnHalf,

    /// <summary>The second half of each domain's rows, in their order; it is fitted to the first.</summary>
    SecondHalf,

    /// <summary>All rows, those that it is fitted to: an error that is too low, above all for few rows.</summary>
    Fitted,
}
