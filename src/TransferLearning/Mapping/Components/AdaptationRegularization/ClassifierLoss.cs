namespace TransferLearning.Mapping;

/// <summary>What a labeled row costs a kernel classifier with one score a class.</summary>
public enum ClassifierLoss
{
    /// <summary><c>||f(x) - y||^2</c> for one-hot y: a linear system.</summary>
    Squares,

    /// <summary>
    /// <c>sum_c max(0, 1 - y_c f_c(x))</c> with y = 1 for the row's class and -1 for the others: a quadratic program a
    /// class.
    /// </summary>
    Hinge,
}
