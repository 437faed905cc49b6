using System.Runtime.InteropServices;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Distributed;

/// <summary>The processes of a communicator, as a training sees them: tensors in flat buckets.</summary>
internal sealed class CommunicatorGroup(ICommunicator communicator) : ITrainingGroup
{
    // A larger message costs the same by the byte, and a smaller one needs less memory beside the parameters.
    private const long MostBytes = 32L << 20;

    public int Rank => communicator.Rank;

    public int Size => communicator.Size;

    public void Average(IReadOnlyList<Tensor> tensors) =>
        InBuckets(
            tensors,
            type => type == ScalarType.Float64 ? type : ScalarType.Float32,
            flat =>
            {
                if (flat.dtype == ScalarType.Float64)
                {
                    communicator.AllReduceAverage(MemoryMarshal.Cast<byte, double>(flat.bytes));
                }
                else
                {
                    communicator.AllReduceAverage(MemoryMarshal.Cast<byte, float>(flat.bytes));
                }
            }
        );

    public void Broadcast(IReadOnlyList<Tensor> tensors) =>
        InBuckets(tensors, type => type, flat => communicator.Broadcast(flat.bytes));

    public Tensor Gather(Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var own = rows.detach().cpu().contiguous();
        var all = empty([own.shape[0] * Size, .. own.shape[1..]], own.dtype);
        communicator.AllGather(own.bytes, all.bytes);
        return all.to(rows.device).MoveToOuterDisposeScope();
    }

    public void Fail(Exception fault) => communicator.Abort(fault.ToString());

    public override string ToString() => $"rank {Rank} of {Size} on {communicator.Host}";

    // One message a bucket: what is of one dtype and device, one after the other, in pieces that fit.
    private static void InBuckets(
        IReadOnlyList<Tensor> tensors,
        Func<ScalarType, ScalarType> sent,
        Action<Tensor> exchange
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var alike in tensors.GroupBy(tensor => (tensor.dtype, tensor.device_type, tensor.device_index)))
        {
            var flats = alike.Select(tensor => (Of: tensor, Rows: tensor.detach().reshape(-1))).ToList();
            var most = MostBytes / alike.First().element_size();
            foreach (var bucket in Buckets(flats.SelectMany(flat => Pieces(flat.Rows, most)), most))
            {
                using var exchanged = NewDisposeScope();
                var flat = cat(bucket).to(sent(bucket[0].dtype)).cpu();
                exchange(flat);
                var back = flat.to(bucket[0].dtype).to(bucket[0].device);
                foreach (var (piece, values) in bucket.Zip(back.split([.. bucket.Select(piece => piece.shape[0])])))
                {
                    piece.copy_(values);
                }
            }
            // Of others a reshape is a copy: convolutions whose channels are innermost for instance.
            foreach (var (tensor, rows) in flats.Where(flat => !flat.Of.is_contiguous()))
            {
                tensor.detach().copy_(rows.reshape(tensor.shape));
            }
        }
    }

    private static IEnumerable<Tensor> Pieces(Tensor flat, long most)
    {
        for (var start = 0L; start < flat.shape[0]; start += most)
        {
            yield return flat.narrow(0, start, Math.Min(most, flat.shape[0] - start));
        }
    }

    private static IEnumerable<List<Tensor>> Buckets(IEnumerable<Tensor> pieces, long most)
    {
        var (bucket, count) = (new List<Tensor>(), 0L);
        foreach (var piece in pieces)
        {
            if (bucket.Count > 0 && count + piece.shape[0] > most)
            {
                yield return bucket;
                (bucket, count) = ([], 0);
            }
            bucket.Add(piece);
            count += piece.shape[0];
        }
        if (bucket.Count > 0)
        {
            yield return bucket;
        }
    }
}
