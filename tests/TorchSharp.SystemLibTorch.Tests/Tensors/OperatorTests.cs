using System.Reflection;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public sealed class OperatorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Operators_AllThatTheBindingNames_ExistInThisLibtorch()
    {
        var operators = typeof(torch)
            .Assembly.GetTypes()
            .Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(Operator))
            .Select(field => (Operator)field.GetValue(null)!)
            .ToList();
        Assert.True(operators.Count > 250);
        var missing = operators.Select(Failure).Where(message => message is not null).ToList();
        Assert.Empty(missing);

        static string? Failure(Operator op)
        {
            try
            {
                op.Resolve();
                return null;
            }
            catch (ExternalException error)
            {
                return error.Message;
            }
        }
    }

    [Fact]
    public void Resolve_OfAnUnknownOperator_NamesItAndTheVersion()
    {
        var error = Assert.Throws<ExternalException>(() => new Operator("aten::nonesuch", "here").Resolve());
        Assert.Contains("no operator aten::nonesuch.here", error.Message, StringComparison.Ordinal);
        Assert.Contains(__version__, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invoke_WithAnArgumentOfTheWrongKind_NamesTheArgument()
    {
        var x = ones(2);
        var error = Assert.Throws<ExternalException>(() => Aten.softmax_int.Invoke(x, "rows"));
        Assert.Contains("aten::softmax: argument 'dim' takes int", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => Aten.abs.Invoke(x, x));
    }

    [Fact]
    public void Cat_OfMoreTensorsThanTheStackHolds_JoinsThem()
    {
        var parts = Enumerable.Range(0, 1000).Select(i => tensor([(double)i])).ToArray();
        Assert.Equal(499_500, cat(parts).sum().item<double>());
    }

    [Fact]
    public void Reductions_AlongADimension_MatchHandComputation()
    {
        var x = tensor(
            new[,]
            {
                { 1.0, 5, 3 },
                { 4, 2, 6 },
            }
        );
        Assert.Equal([9, 12], x.sum(1).data<double>().ToArray());
        Assert.Equal([2.5, 3.5, 4.5], x.mean([0]).data<double>().ToArray());
        Assert.Equal([4, 4], x.var(1).data<double>().ToArray());
        Assert.Equal([1.5, 1.5, 1.5], x.std(0, unbiased: false).data<double>().ToArray());
        var (values, indexes) = x.max(1);
        Assert.Equal([5, 6], values.data<double>().ToArray());
        Assert.Equal([1, 2], indexes.data<long>().ToArray());
        Assert.Equal([2, 0], x.topk(2).indexes[1].sort().Values.data<long>().ToArray().Reverse());
        Assert.Equal(Math.Log(Math.Exp(1) + Math.Exp(5) + Math.Exp(3)), x.logsumexp(1)[0].item<double>(), 12);
        Assert.Equal([1, 6, 9], x.cumsum(1)[0].data<double>().ToArray());
        var (distinct, inverse, counts) = tensor([3L, 1L, 3L]).unique(return_inverse: true, return_counts: true);
        Assert.Equal([1, 3], distinct.data<long>().ToArray());
        Assert.Equal([1, 0, 1], inverse!.data<long>().ToArray());
        Assert.Equal([1, 2], counts!.data<long>().ToArray());
        Assert.Equal([0, 2, 1], tensor([1L, 1L, 2L]).bincount(null).data<long>().ToArray());
    }

    [Fact]
    public void ShapeOperations_OnATensor_GiveTheExpectedShapes()
    {
        var x = arange(24).reshape(2, 3, 4);
        Assert.Equal([4, 2, 3], x.permute(2, 0, 1).shape);
        Assert.Equal([2, 12], x.flatten(1).shape);
        Assert.Equal([2, 3, 2, 2], x.unflatten(2, 2, 2).shape);
        Assert.Equal([2, 1, 3, 4], x.unsqueeze(1).shape);
        Assert.Equal([2, 3, 4], x.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([4, 3, 4], x.repeat(2, 1, 1).shape);
        Assert.Equal([2, 6, 4], x.repeat_interleave(2, 1).shape);
        Assert.Equal(2, x.unbind().Length);
        Assert.Equal([1, 2], x.split([1, 2], 1).Select(part => part.shape[1]));
        Assert.Equal([5, 6, 7], x.select(0, 0).narrow(1, 1, 3)[1].data<long>().ToArray());
        Assert.Equal([2, 4, 3], x.mT.shape);
        Assert.Equal([6, 4], vstack([x[0], x[1]]).shape);
        Assert.Equal([3, 1, 2], tensor([1, 2, 3]).roll(1).data<int>().ToArray().Select(i => (long)i));
    }

    [Fact]
    public void Selecting_ByIndex_ReadsAndWrites()
    {
        var x = zeros(2, 3);
        x.scatter_(
            1,
            tensor(
                new long[,]
                {
                    { 2 },
                    { 0 },
                }
            ),
            ones(2, 1)
        );
        Assert.Equal([0f, 0f, 1f, 1f, 0f, 0f], x.data<float>().ToArray());
        Assert.Equal(
            [1f, 1f],
            x.gather(
                    1,
                    tensor(
                        new long[,]
                        {
                            { 2 },
                            { 0 },
                        }
                    )
                )
                .data<float>()
                .ToArray()
        );
        Assert.Equal([1f, 0f, 0f], x.index_select(0, tensor([1L]))[0].data<float>().ToArray());
        Assert.Equal([5f, 5f], x.masked_fill(x == 1, 5).masked_select(x == 1).data<float>().ToArray());
        Assert.Equal([9f, 9f, 1f], where(x[0] == 1, x[0], tensor(9f)).data<float>().ToArray());
        Assert.Equal([9f, 9f, 1f], x[0].where(x[0] == 1, tensor(9f)).data<float>().ToArray());
    }

    [Fact]
    public void LinearAlgebra_OfASymmetricMatrix_Reconstructs()
    {
        using var generator = new Generator(1);
        var root = randn([5, 5], dtype: float64, generator: generator);
        var a = root.matmul(root.mT) + eye(5, dtype: float64);
        var (values, vectors) = linalg.eigh(a);
        Close(a, (vectors * values).matmul(vectors.mT));
        var factor = linalg.cholesky(a);
        Close(a, factor.matmul(factor.mT));
        var (u, s, vh) = linalg.svd(root, fullMatrices: false);
        Close(root, (u * s).matmul(vh));
        var (q, r) = linalg.qr(root);
        Close(root, q.matmul(r));
        Close(eye(5, dtype: float64), a.matmul(linalg.inv(a)));
        Close(root, a.matmul(linalg.solve(a, root)));
        Close(root, factor.matmul(linalg.solve_triangular(factor, root, upper: false)));
        Close(root, a.matmul(root.cholesky_solve(factor)));
        Close(root, root.matmul(linalg.pinv(root)).matmul(root));
        Close(linalg.lstsq(a, root).Solution, linalg.solve(a, root));
        Assert.Equal(linalg.slogdet(a).Item2.item<double>(), values.log().sum().item<double>(), 10);
        Assert.Equal(5, linalg.matrix_rank(a).item<long>());
        Close(einsum("ij,kj->ik", root, root), root.matmul(root.mT));
        Close(
            cdist(root, root, compute_mode: compute_mode.donot_use_mm_for_euclid_dist),
            (root.unsqueeze(1) - root.unsqueeze(0)).norm(2)
        );
        Assert.Throws<ExternalException>(() => linalg.cholesky(-a));
    }

    [Fact]
    public void InPlaceOperations_ReturnTheTensorItself()
    {
        var x = ones(2);
        Assert.Same(x, x.add_(1).mul_(3).clamp_(0, 5).sqrt_());
        Assert.Equal([MathF.Sqrt(5), MathF.Sqrt(5)], x.data<float>().ToArray());
        Assert.Same(x, x.copy_(zeros(2)).fill_(4).lerp_(zeros(2), full(2, 0.5)));
        Assert.Equal([2f, 2f], x.data<float>().ToArray());
        Assert.Equal([5f, 5f], x.addcmul_(ones(2), ones(2), 3).data<float>().ToArray());
    }

    [Fact]
    public void Rounding_InDivision_FollowsTheMode()
    {
        var x = tensor([-7.0, 7.0]);
        Assert.Equal([-3.5, 3.5], x.div(2).data<double>().ToArray());
        Assert.Equal([-4, 3], x.div(2, RoundingMode.floor).data<double>().ToArray());
        Assert.Equal([-3, 3], x.div(tensor(2.0), RoundingMode.trunc).data<double>().ToArray());
        Assert.Equal([1.23], tensor([1.2345]).round(2).data<double>().ToArray());
    }

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True(expected.allclose(actual, 1e-9, 1e-9), $"{(expected - actual).abs().max().item<double>()}");
}
