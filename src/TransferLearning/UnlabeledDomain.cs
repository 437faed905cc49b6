using MathNet.Numerics.LinearAlgebra;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Examples of one domain without labels.</summary>
/// <remarks>Holds references only: the caller keeps and disposes the tensors. Immutable.</remarks>
public sealed class UnlabeledDomain
{
    /// <summary>A domain that lies in memory.</summary>
    /// <param name="inputs">
    /// Inputs <c>[n, ...]</c> of a floating dtype, or token numbers, int64 or int32, that an extractor reads.
    /// </param>
    public UnlabeledDomain(Tensor inputs)
        : this(new TensorRows(inputs)) { }

    /// <summary>A domain whose inputs are read when needed.</summary>
    /// <param name="rows">The inputs.</param>
    public UnlabeledDomain(IRowSource rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = rows;
        Sizes = [rows.Count];
    }

    private UnlabeledDomain(IRowSource rows, IReadOnlyList<long> sizes) => (Rows, Sizes) = (rows, sizes);

    /// <summary>
    /// Several domains as one: their rows one after the other, each known by its domain (<see cref="Sizes"/>). As a
    /// target, every method adapts to all of them together; a critic of the domains tells them apart.
    /// </summary>
    /// <remarks>
    /// Rows that lie in memory are copied; the copy belongs to the dispose scope that is open, if any.
    /// </remarks>
    /// <param name="domains">At least one domain; rows of one shape, one dtype and one device.</param>
    /// <exception cref="ArgumentException">
    /// There is none, one is null, or rows differ in shape, dtype or device.
    /// </exception>
    public static UnlabeledDomain Joined(params IReadOnlyList<UnlabeledDomain> domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        if (domains.Count == 0)
        {
            throw new ArgumentException("domains must hold at least one domain; got none.", nameof(domains));
        }
        if (domains.Any(domain => domain is null))
        {
            throw new ArgumentException("none of the domains may be null.", nameof(domains));
        }
        DomainChecks.Alike([.. domains.Select(domain => domain.Rows)], nameof(domains));
        return new(
            JoinedRows.Of([.. domains.Select(domain => domain.Rows)]),
            [.. domains.SelectMany(domain => domain.Sizes)]
        );
    }

    /// <summary>A domain of a matrix's rows.</summary>
    /// <remarks>The numbers are copied; the copies belong to the dispose scope that is open, if any.</remarks>
    /// <param name="inputs">A row an example.</param>
    /// <param name="type">The dtype of the inputs; null keeps float64. A network usually wants float32.</param>
    public static UnlabeledDomain From(Matrix<double> inputs, ScalarType? type = null) =>
        new(Matrices.Rows(inputs, type ?? float64));

    /// <summary>A domain of an array's rows.</summary>
    /// <inheritdoc cref="From(Matrix{double}, ScalarType?)"/>
    public static UnlabeledDomain From(float[,] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new(tensor(inputs));
    }

    /// <inheritdoc cref="From(float[,])"/>
    public static UnlabeledDomain From(double[,] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new(tensor(inputs));
    }

    /// <summary>A domain of a TorchSharp data set, read when needed.</summary>
    /// <param name="dataset">The data set; the caller goes on owning it.</param>
    /// <param name="inputs">The name under which an example holds its inputs.</param>
    /// <exception cref="ArgumentException">An example holds no such entry.</exception>
    public static UnlabeledDomain From(utils.data.Dataset dataset, string inputs = "data") =>
        new(new DatasetRows(dataset, inputs));

    /// <summary>The inputs <c>[n, ...]</c>.</summary>
    /// <exception cref="InvalidOperationException">
    /// The inputs are read from a row source and do not lie in memory.
    /// </exception>
    public Tensor Inputs => TensorRows.InMemory(Rows);

    /// <summary>The inputs as rows to read, wherever they lie.</summary>
    public IRowSource Rows { get; }

    /// <summary>How many examples there are.</summary>
    public long Count => Rows.Count;

    /// <summary>
    /// How many rows each of the domains has that were <see cref="Joined"/> to this one, in their order; the count
    /// alone where it is a single domain.
    /// </summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>The same domain with its rows in another form.</summary>
    internal UnlabeledDomain With(IRowSource rows) => new(rows, Sizes);

    /// <summary>Which of several domains some rows belong to, int64 <c>[k]</c>; null where there is one.</summary>
    internal Tensor? Members(Tensor rows) => Sizes.Count == 1 ? null : JoinedRows.Members(rows, Sizes);
}
